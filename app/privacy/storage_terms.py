"""How long what is kept is kept, and under which law (fact sheet §5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.auth.personal_data import LOGINS_KEPT
from app.core.language import Text
from app.core.personal import Retention
from app.mail.personal_data import LETTERS_KEPT

CONTRACT = Text(
    "чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679: до изпълнението на договора",
    "Regulation (EU) 2016/679, Art. 6(1)(b): until the contract is performed",
)
BOOKS = Text(
    "чл. 12 от Закона за счетоводството, чл. 121 от ЗДДС и чл. 38 от ДОПК",
    "Accountancy Act Art. 12, VAT Act Art. 121, Tax and Social Insurance Procedure Code Art. 38",
)
CLAIMS = Text(
    "чл. 17, пар. 3, б. „д“ от Регламент (ЕС) 2016/679 и чл. 110 от ЗЗД: защита при правни претенции",
    "Regulation (EU) 2016/679, Art. 17(3)(e), Obligations and Contracts Act Art. 110: legal claims",
)
PROOF = Text(
    "чл. 5, пар. 2, чл. 7, пар. 1 и чл. 17, пар. 3, б. „д“ от Регламент (ЕС) 2016/679: доказателство",
    "Regulation (EU) 2016/679, Art. 5(2), 7(1) and 17(3)(e): proof",
)


CONSENT = Text(
    "чл. 6, пар. 1, б. „а“ и чл. 7, пар. 3 от Регламент (ЕС) 2016/679: до оттегляне на съгласието",
    "Regulation (EU) 2016/679, Art. 6(1)(a) and 7(3): until the consent is withdrawn",
)
SECURITY = Text(
    "чл. 6, пар. 1, б. „е“ и чл. 32 от Регламент (ЕС) 2016/679: сигурност на обработването",
    "Regulation (EU) 2016/679, Art. 6(1)(f) and 32: security of processing",
)


class Factor(StrEnum):
    """What a storage term is set by (C10)."""

    SERVICE = "service"
    CLAIMS = "claims"
    DUTY = "duty"


FACTORS: dict[Factor, Text] = {
    Factor.SERVICE: Text("продължителност на услугата", "duration of the service"),
    Factor.CLAIMS: Text("правни претенции", "legal claims"),
    Factor.DUTY: Text("законово задължение", "legal duty"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """How long one class of data is kept, by which law, and which factors set it."""

    how_long: Text
    law: Text
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class StorageTerms:
    """Years; the law does not settle every one of them, so each is a setting."""

    books_years: int
    claims_years: int
    evidence_years: int
    cancelled_years: int

    def of_books(self, day: date) -> date:
        """Give the last day of a tax document's term: the end of a calendar year, counted from the document's own."""
        return date(day.year + self.books_years, 12, 31)

    def of_claims(self, day: date) -> date:
        return years_after(day, self.claims_years)

    def of_evidence(self, day: date) -> date:
        return years_after(day, self.evidence_years)

    def of_cancelled(self, day: date) -> date:
        return years_after(day, self.cancelled_years)


def years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)


def stated(terms: StorageTerms) -> Mapping[Retention, Term]:
    """State the term of every class in words, as the notice and the registers show it."""
    books, claims, evidence = terms.books_years, terms.claims_years, terms.evidence_years
    cancelled, logins, letters = terms.cancelled_years, LOGINS_KEPT.days, LETTERS_KEPT.days
    return {
        Retention.ACCOUNT: Term(
            Text(
                "до закриване на профила или оттегляне на съгласието за регистрация",
                "until the account is closed or the consent to registration is withdrawn",
            ),
            CONSENT,
            (Factor.SERVICE,),
        ),
        Retention.ORDER: Term(
            Text(
                f"до изпълнение на договора и {_years_bg(claims)} след приключване на поръчката, за защита при"
                f" претенции; несъстояла се поръчка: {_years_bg(cancelled)}",
                f"until the contract is performed and {_years_en(claims)} after the order is finished, for claims; an"
                f" order that came to nothing: {_years_en(cancelled)}",
            ),
            CLAIMS,
            (Factor.SERVICE, Factor.CLAIMS),
        ),
        Retention.BOOKS: Term(
            Text(
                f"до края на {books}-ата календарна година след годината на документа",
                f"to the end of the {books}th calendar year after the year of the document",
            ),
            BOOKS,
            (Factor.DUTY,),
        ),
        Retention.EVIDENCE: Term(
            Text(
                f"{_years_bg(evidence)} след като отпадне онова, което доказват",
                f"{_years_en(evidence)} after what they prove has ended",
            ),
            PROOF,
            (Factor.CLAIMS, Factor.DUTY),
        ),
        Retention.ACCESS: Term(
            Text(f"{logins} дни след последното използване", f"{logins} days after the last use"),
            SECURITY,
            (Factor.SERVICE,),
        ),
        Retention.MAIL: Term(
            Text(
                f"писмо за профила: {letters} дни; адресът в писмо за поръчка: докато се пази поръчката",
                f"a letter about an account: {letters} days; the address in one about an order: as long as the order",
            ),
            CLAIMS,
            (Factor.SERVICE, Factor.CLAIMS),
        ),
        Retention.STAFF: Term(
            Text(
                f"докато лицето работи в дружеството и {_years_bg(claims)} след това",
                f"while the person works here and {_years_en(claims)} after that",
            ),
            CLAIMS,
            (Factor.SERVICE, Factor.CLAIMS),
        ),
    }


def _years_bg(years: int) -> str:
    return "1 година" if years == 1 else f"{years} години"


def _years_en(years: int) -> str:
    return "1 year" if years == 1 else f"{years} years"
