"""The rule of carts that nobody ordered."""

from dataclasses import dataclass
from datetime import timedelta

from app.cart.service import carts_due
from app.core.language import Text
from app.core.personal import Retention
from app.privacy.retention.rules import Does, Rule, Told
from app.privacy.storage_terms import CONTRACT, Factor


@dataclass(frozen=True, slots=True)
class CartTerms:
    guest_days: int
    account_days: int


def rules(terms: CartTerms) -> tuple[Rule, ...]:
    return (
        Rule(
            "carts",
            Retention.ACCOUNT,
            frozenset({"carts", "cart_lines"}),
            Does.DELETE,
            Told(
                Text("Колички, които не станаха поръчка", "Carts that did not become an order"),
                Text("от създаването", "from the beginning"),
                Text(
                    f"{terms.guest_days} дни; с профил: {terms.account_days} дни",
                    f"{terms.guest_days} days; of an account: {terms.account_days} days",
                ),
                CONTRACT,
                (Factor.SERVICE,),
            ),
            lambda at: [
                carts_due(
                    at - timedelta(days=terms.guest_days), of_accounts_before=at - timedelta(days=terms.account_days)
                )
            ],
            is_hourly=True,
        ),
    )
