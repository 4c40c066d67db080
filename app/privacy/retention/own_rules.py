"""The rules of what privacy itself keeps, and of what lies below it: logins, letters, proof."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from app.auth.personal_data import logins_due
from app.core.db import Due
from app.core.language import Text
from app.core.personal import Retention
from app.mail.personal_data import letters_due
from app.privacy.ad_hoc.models import AdHocDisclosure
from app.privacy.breaches.models import Breach, BreachPerson
from app.privacy.cookies.service import PROVED_MONTHS, choices_due
from app.privacy.models import Consent, ConsentAct
from app.privacy.opting_in import FORGOTTEN_AFTER, unconfirmed_due
from app.privacy.policies.models import Announcement
from app.privacy.restrictions.models import Restriction
from app.privacy.retention.models import RetentionHold
from app.privacy.retention.rules import Does, Rule, Told
from app.privacy.storage_terms import CONSENT, PROOF, SECURITY, Factor, StorageTerms
from app.privacy.withdrawals.personal_data import OBJECTION
from app.privacy.withdrawals.proving import PROVED_WITHIN, pending_due

YEAR = timedelta(days=366)
"""As long as the longest year: nothing goes a day before its term ends."""
LOGINS = Told(
    Text("Сесии, устройства, познати места и връзки от писма", "Sessions, devices, familiar places, links in mails"),
    Text("от последното ползване или края", "from the last use or the end"),
    Text("90 дни; връзки от писма: 30 дни", "90 days; links in mails: 30 days"),
    SECURITY,
    (Factor.SERVICE,),
)
LETTERS = Told(
    Text("Писма за профил, искания и оповестявания", "Letters about accounts, requests and announcements"),
    Text("от обещаването на писмото", "from the promise of the letter"),
    Text("30 дни", "30 days"),
    SECURITY,
    (Factor.SERVICE,),
)
ACCOUNTS = Told(
    Text("Входът, докато профилът съществува", "The login, while the account exists"),
    Text("от регистрацията", "from the registration"),
    Text("до закриване на профила или оттегляне на съгласието", "until it is closed or the consent withdrawn"),
    CONSENT,
    (Factor.SERVICE,),
)


def rules(terms: StorageTerms, *, cookie_months: int) -> tuple[Rule, ...]:
    return (
        *_of_consents(terms),
        *_of_cookies(cookie_months),
        Rule(
            "logins",
            Retention.ACCESS,
            frozenset({"login_sessions", "refresh_tokens", "familiar_origins", "mail_links"}),
            Does.DELETE,
            LOGINS,
            logins_due,
            is_hourly=True,
        ),
        Rule("letters", Retention.MAIL, frozenset({"mails"}), Does.DELETE, LETTERS, lambda at: [letters_due(at)], True),
        Rule("accounts", Retention.ACCOUNT, frozenset({"accounts"}), Does.KEEP, ACCOUNTS),
        Rule(
            "ad_hoc_disclosures",
            Retention.EVIDENCE,
            frozenset({"ad_hoc_disclosures"}),
            Does.DELETE,
            _proof(
                terms,
                Text("Предоставяне по искане", "Disclosures on request"),
                Text("от предоставянето", "from the disclosure"),
            ),
            lambda at: [Due(AdHocDisclosure, AdHocDisclosure.disclosed_at < at - terms.evidence_years * YEAR)],
        ),
        Rule(
            "restrictions",
            Retention.EVIDENCE,
            frozenset({"restrictions"}),
            Does.DELETE,
            _proof(terms, Text("Ограничения", "Restrictions"), Text("от отмяната", "from the lifting")),
            lambda at: [Due(Restriction, Restriction.lifted_at < at - terms.evidence_years * YEAR)],
        ),
        Rule(
            "holds",
            Retention.EVIDENCE,
            frozenset({"retention_holds"}),
            Does.DELETE,
            _proof(terms, Text("Задържания при спор", "Holds for a dispute"), Text("от края", "from the end")),
            lambda at: [Due(RetentionHold, RetentionHold.until < (at - terms.evidence_years * YEAR).date())],
        ),
        Rule(
            "breach_people",
            Retention.EVIDENCE,
            frozenset({"breach_people"}),
            Does.DELETE,
            _proof(
                terms,
                Text("Засегнати от нарушения и писмата до тях", "People affected by breaches, and the letters to them"),
                Text("от установяването, щом нарушението е закрито", "from the finding, once the breach is closed"),
            ),
            lambda at: [Due(BreachPerson, _was_affected(at - terms.evidence_years * YEAR))],
        ),
        Rule(
            "erasures",
            Retention.EVIDENCE,
            frozenset({"erasures"}),
            Does.KEEP,
            Told(
                Text("Запечатаният адрес в записа на изтриване", "The sealed address in the record of an erasure"),
                Text("от изтриването", "from the erasure"),
                Text("90 дни: докато изтекат резервните копия", "90 days: until the backups have expired"),
                PROOF,
                (Factor.DUTY,),
            ),
        ),
    )


def _of_consents(terms: StorageTerms) -> tuple[Rule, ...]:
    hours, days = int(PROVED_WITHIN.total_seconds() // 3600), FORGOTTEN_AFTER.days
    return (
        Rule(
            "consents",
            Retention.EVIDENCE,
            frozenset({"consents"}),
            Does.DELETE,
            _proof(
                terms,
                Text("Доказателства за съгласия", "Proof of consents"),
                Text("от оттеглянето; даденото съгласие се пази", "from the withdrawal; one that is live is kept"),
            ),
            lambda at: [Due(Consent, _is_over(at - terms.evidence_years * YEAR))],
        ),
        Rule(
            "unconfirmed_consents",
            Retention.EVIDENCE,
            frozenset({"consents"}),
            Does.DELETE,
            Told(
                Text("Отметки, които никой не потвърди от пощата си", "Boxes ticked that nobody confirmed by mail"),
                Text("от отмятането", "from the ticking"),
                Text(f"{days} дни", f"{days} days"),
                CONSENT,
                (Factor.SERVICE,),
            ),
            lambda at: [unconfirmed_due(at)],
        ),
        Rule(
            "pending_withdrawals",
            Retention.EVIDENCE,
            frozenset({"pending_withdrawals"}),
            Does.DELETE,
            Told(
                Text("Оттегляния, които чакат потвърждение", "Withdrawals that wait for proof"),
                Text("от искането", "from the request"),
                Text(f"{hours} часа", f"{hours} hours"),
                PROOF,
                (Factor.SERVICE,),
            ),
            lambda at: [pending_due(at)],
            is_hourly=True,
        ),
        Rule(
            "suppressions",
            Retention.EVIDENCE,
            frozenset({"suppressions"}),
            Does.KEEP,
            Told(
                Text("Отпечатъци на адреси, на които не се пише", "Fingerprints of addresses that are not written to"),
                Text("от възражението", "from the objection"),
                Text("без срок: иначе маркетингът би започнал отново", "without end: marketing would begin anew"),
                OBJECTION,
                (Factor.DUTY,),
            ),
        ),
        Rule(
            "announcements",
            Retention.EVIDENCE,
            frozenset({"announcements"}),
            Does.DELETE,
            _proof(
                terms,
                Text("Отпечатъци на адреси, известени за промяна", "Fingerprints of addresses told of a change"),
                Text("от известяването", "from the announcement"),
            ),
            lambda at: [Due(Announcement, Announcement.announced_at < at - terms.evidence_years * YEAR)],
        ),
    )


def _of_cookies(months: int) -> tuple[Rule, ...]:
    whole = months + PROVED_MONTHS
    return (
        Rule(
            "cookie_choices",
            Retention.EVIDENCE,
            frozenset({"cookie_consents"}),
            Does.DELETE,
            Told(
                Text("Избори за бисквитките", "Choices about cookies"),
                Text("от избора", "from the choice"),
                Text(
                    f"{whole} месеца: {months}, докато важи, и {PROVED_MONTHS} като доказателство",
                    f"{whole} months: {months} while it counts, and {PROVED_MONTHS} as proof",
                ),
                PROOF,
                (Factor.SERVICE, Factor.DUTY),
            ),
            lambda at: [choices_due(at, months=months)],
        ),
    )


def _proof(terms: StorageTerms, what: Text, since: Text) -> Told:
    years = terms.evidence_years
    return Told(what, since, Text(f"{years} години", f"{years} years"), PROOF, (Factor.CLAIMS, Factor.DUTY))


def _was_affected(before: datetime) -> ColumnElement[bool]:
    """Say of somebody affected by a breach that they were found before then, and that the breach is over."""
    is_closed = exists().where(Breach.id == BreachPerson.breach_id, Breach.closed_at.is_not(None))
    return (BreachPerson.found_at < before) & is_closed


def _is_over(before: datetime) -> ColumnElement[bool]:
    """Say of an act that its purpose and channel were taken back before then, and not given since (S17)."""
    later = aliased(Consent)
    same = and_(
        func.lower(later.email) == func.lower(Consent.email),
        later.purpose == Consent.purpose,
        later.channel.is_not_distinct_from(Consent.channel),
    )
    last = select(later.act).where(same).order_by(later.recorded_at.desc(), later.id.desc()).limit(1).scalar_subquery()
    goes_on = exists().where(same, later.recorded_at >= before)
    return (Consent.recorded_at < before) & ~goes_on & (last == ConsentAct.WITHDRAWN)
