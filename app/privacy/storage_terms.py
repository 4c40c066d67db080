"""How long what is kept is kept, and under which law (fact sheet §5)."""

from dataclasses import dataclass
from datetime import date

from app.core.language import Text

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
        return _years_after(day, self.claims_years)

    def of_evidence(self, day: date) -> date:
        return _years_after(day, self.evidence_years)

    def of_cancelled(self, day: date) -> date:
        return _years_after(day, self.cancelled_years)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)
