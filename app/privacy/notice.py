"""The privacy notice (GDPR Art. 13), made of the columns' annotations, the register of recipients and the terms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.language import Language, Text
from app.core.personal import Category, Ground, Recipient
from app.mail.authority import Authority
from app.mail.writing import Trader
from app.privacy.activities import Activity, Recorded, recorded
from app.privacy.models import RecipientKind, RegisteredRecipient
from app.privacy.storage_terms import FACTORS, StorageTerms, stated
from app.privacy.words import CATEGORIES, GROUNDS, PURPOSES

NO_TRANSFERS = Text(
    "Данните не се предават на трети държави или международни организации.",
    "The data are not transferred to third countries or international organisations.",
)
NO_DECISIONS = Text(
    "Не се вземат решения само чрез автоматизирано обработване и не се извършва профилиране.",
    "No decision is taken by automated processing alone, and there is no profiling.",
)
RIGHTS: tuple[Text, ...] = (
    Text("право на достъп и копие (чл. 15)", "right of access and to a copy (Art. 15)"),
    Text("право на коригиране (чл. 16)", "right to rectification (Art. 16)"),
    Text("право на изтриване (чл. 17)", "right to erasure (Art. 17)"),
    Text("право на ограничаване на обработването (чл. 18)", "right to restriction of processing (Art. 18)"),
    Text("право на преносимост (чл. 20)", "right to data portability (Art. 20)"),
    Text(
        "право на възражение; срещу директен маркетинг по всяко време и без причина (чл. 21)",
        "right to object; to direct marketing at any time and without a reason (Art. 21)",
    ),
    Text(
        "право да оттеглите съгласие по всяко време, със свободен текст и без причина; оттеглянето важи само за"
        " данните, които се обработват на това основание (чл. 7, пар. 3)",
        "right to withdraw a consent at any time, in free text and without a reason; it ends only what rests on it"
        " (Art. 7(3))",
    ),
)
KINDS: dict[RecipientKind, Text] = {
    RecipientKind.CONTROLLER: Text("отделен администратор", "separate controller"),
    RecipientKind.PROCESSOR: Text("обработващ лични данни", "processor"),
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What the shop states of itself wherever it informs."""

    trader: Trader
    terms: StorageTerms
    transfers: str | None
    """To third countries, with their safeguards; None: there are none."""
    authority: Authority
    """Where a complaint goes (S74)."""

    def transfers_in(self, language: Language) -> str:
        return self.transfers or NO_TRANSFERS.in_(language)


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One activity as the person reads it."""

    activity: Activity
    categories: Sequence[Category]
    recipients: Sequence[RegisteredRecipient]
    terms: Sequence[Text]
    laws: Sequence[Text]
    factors: Sequence[Text]

    @property
    def purpose(self) -> Text:
        return PURPOSES[self.activity.purpose]

    @property
    def ground(self) -> Text:
        return GROUNDS[self.activity.ground]

    @property
    def category_names(self) -> list[Text]:
        return [CATEGORIES[category] for category in self.categories]

    @property
    def can_be_withdrawn(self) -> bool:
        return self.activity.ground is Ground.CONSENT


def lines(
    facts: Stated, register: Sequence[RegisteredRecipient], held: frozenset[str] | None = None
) -> list[NoticeLine]:
    """Make the table of the notice; with `held`, only of the columns by these names, as `table.column`."""
    by_key = {recipient.key: recipient for recipient in register}
    return [*_lines(facts, by_key, held)]


def _lines(
    facts: Stated, register: dict[Recipient, RegisteredRecipient], held: frozenset[str] | None
) -> Iterator[NoticeLine]:
    terms = stated(facts.terms)
    for each in recorded():
        columns = [pair for pair in each.columns if held is None or str(pair[0]) in held]
        if not columns:
            continue
        part = Recorded(each.activity, columns)
        kept = [terms[retention] for retention in part.retentions]
        yield NoticeLine(
            activity=each.activity,
            categories=part.categories,
            recipients=[register[key] for key in part.recipients if key in register],
            terms=[term.how_long for term in kept],
            laws=[*dict.fromkeys(term.law for term in kept)],
            factors=[*dict.fromkeys(FACTORS[factor] for term in kept for factor in term.factors)],
        )
