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
OWED = Text(
    "чл. 6, пар. 1, б. „б“ от Регламент (ЕС) 2016/679: докато договорът ни задължава – законова гаранция (чл. 31–37 от"
    " ЗПЦСЦУПС) и връщане на пари (чл. 54 от ЗЗП)",
    "Regulation (EU) 2016/679, Art. 6(1)(b): as long as the contract obliges us – legal guarantee (Act on Digital"
    " Content and the Sale of Goods, Art. 31–37), refunds (Consumer Protection Act, Art. 54)",
)
"""Why it is known how to reach a buyer once the order is over; fact sheet 6.20, 6.9."""
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
    guarantee_years: int

    def of_books(self, day: date) -> date:
        """Give the last day of a tax document's term: the end of a calendar year, counted from the document's own."""
        return date(day.year + self.books_years, 12, 31)

    def of_claims(self, day: date) -> date:
        return years_after(day, self.claims_years)

    def of_evidence(self, day: date) -> date:
        return years_after(day, self.evidence_years)

    def of_cancelled(self, day: date) -> date:
        return years_after(day, self.cancelled_years)

    def of_guarantee(self, delivered_on: date) -> date:
        """Give the guarantee's last day; a repair makes it longer, and is entered as a hold (README)."""
        return years_after(delivered_on, self.guarantee_years)


def years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)


def of_contact(terms: StorageTerms) -> Text:
    """State for how long a buyer can be reached: the notice, the record, the declaration and the rule say it so."""
    guarantee, short = terms.guarantee_years, terms.cancelled_years
    return Text(
        f"{_years_bg(guarantee)} от доставката, колкото е законовата гаранция, а ако по нея стоката е ремонтирана – до"
        f" края на удължената; по недоставена или върната поръчка – {_years_bg(short)} след края ѝ или последното"
        " връщане на пари; докато има неуреден отказ или дължим пари – докато бъдат уредени",
        f"{_years_en(guarantee)} from delivery, as long as the legal guarantee, and if goods are repaired under it, to"
        f" the end of the longer one; of an order not delivered, or returned, {_years_en(short)} after its end or the"
        " last refund; while a withdrawal is open or we owe money, until that is settled",
    )


def stated(terms: StorageTerms) -> Mapping[Retention, Term]:
    """State the term of every class in words, as the notice and the registers show it."""
    books, claims, evidence = terms.books_years, terms.claims_years, terms.evidence_years
    logins, letters = LOGINS_KEPT.days, LETTERS_KEPT.days
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
                "до изпълнение на договора; каквото е нужно за продажбата – колкото счетоводните документи; поръчка без"
                f" плащане и документ – {_years_bg(terms.cancelled_years)} след края ѝ; заявление за отказ –"
                f" {_years_bg(claims)} след уреждането му; при спор – до решаването му",
                "until the contract is performed; what the sale rests on, as long as the accounting documents; an order"
                f" without payment and document, {_years_en(terms.cancelled_years)} after its end; a statement of"
                f" withdrawal, {_years_en(claims)} after it is settled; in a dispute, until it is resolved",
            ),
            CLAIMS,
            (Factor.SERVICE, Factor.CLAIMS),
        ),
        Retention.CONTACT: Term(of_contact(terms), OWED, (Factor.SERVICE, Factor.CLAIMS)),
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
                f"{_years_bg(evidence)} след като отпадне онова, което доказват; IP адрес и браузър при поръчка –"
                " колкото имейла в нея",
                f"{_years_en(evidence)} after what they prove has ended; IP address and browser of an order, as long as"
                " its e-mail",
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
                f"писмо за профила: {letters} дни; адресът в писмо за поръчка: колкото имейла в нея",
                f"a letter about an account: {letters} days; the address in one about an order: as its e-mail",
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
