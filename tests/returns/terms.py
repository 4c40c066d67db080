"""The terms of contracts that tests state, as the settings have them by default."""

from datetime import date

from app.core.money import Money
from app.orders.models import PaymentMethod
from app.returns.texts.terms import Accepted, ContractTerms, ReturnCost
from tests.mail.letters import TRADER

TERMS = ContractTerms(
    trader=TRADER,
    withdrawal_url="https://shop.example/withdrawal",
    order_url="https://shop.example/orders/{number}",
    problems_url="https://shop.example/problems",
    return_cost=ReturnCost.CUSTOMER,
    guarantee_years=2,
    repair_extends_from=date(2026, 7, 31),
    delivery_price=Money(499),
    free_delivery_from=Money(6000),
    transfer_days=5,
    accepted=(
        Accepted(PaymentMethod.CASH_ON_DELIVERY, Money(250_000), 32),
        Accepted(PaymentMethod.BANK_TRANSFER, Money(1_000_000), 32),
    ),
)
