"""The rules of registrations that were not completed, and of what a profile holds."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists

from app.accounts.models import Profile
from app.accounts.registering import registrations_due
from app.core.db import Due
from app.core.language import Text
from app.core.personal import Retention
from app.privacy.models import Acceptance
from app.privacy.retention.rules import Does, Rule, Told
from app.privacy.storage_terms import CONSENT, PROOF, Factor


def rules() -> tuple[Rule, ...]:
    return (
        Rule(
            "registrations",
            Retention.ACCOUNT,
            frozenset({"registrations"}),
            Does.DELETE,
            Told(
                Text("Недовършени регистрации и писмата за тях", "Registrations not completed, and their letters"),
                Text("от искането", "from the request"),
                Text("до изтичане на връзката", "until the link expires"),
                CONSENT,
                (Factor.SERVICE,),
            ),
            registrations_due,
            is_hourly=True,
        ),
        Rule(
            "profiles",
            Retention.ACCOUNT,
            frozenset({"profiles", "addresses", "invoice_profiles"}),
            Does.KEEP,
            Told(
                Text("Профил, адресна книга, данни за фактура", "Profile, address book, invoice data"),
                Text("от регистрацията", "from the registration"),
                Text("до закриване на профила или оттегляне на съгласието", "until it is closed or consent withdrawn"),
                CONSENT,
                (Factor.SERVICE,),
            ),
        ),
    )


def acceptance_rule(years: int, is_of_order: ColumnElement[bool]) -> Rule:
    """Make the rule of acceptances that are of no order and no profile any more; their own proof is over."""

    def due(at: datetime) -> list[Due]:
        of_profile = exists().where(Profile.acceptance_id == Acceptance.id)
        before = at - years * timedelta(days=366)
        return [Due(Acceptance, (Acceptance.accepted_at < before) & ~of_profile & ~is_of_order)]

    return Rule(
        "acceptances",
        Retention.EVIDENCE,
        frozenset({"acceptances"}),
        Does.DELETE,
        Told(
            Text("Приети декларации на закрити профили", "Declarations accepted, of accounts that were closed"),
            Text("от приемането", "from the acceptance"),
            Text(f"{years} години", f"{years} years"),
            PROOF,
            (Factor.CLAIMS, Factor.DUTY),
        ),
        due,
    )
