"""Writes the answer to a request: what was decided and why, what was done, and what remains on which ground."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.core.language import Language, Text
from app.core.personal import Ground, Recipient
from app.mail.writing import day
from app.privacy.erasing import last_day
from app.privacy.field_words import FIELDS
from app.privacy.models import Channel
from app.privacy.papers import Table
from app.privacy.personal_columns import categories_on
from app.privacy.rights.models import Outcome, RequestKind
from app.privacy.rights.reasons import WORDS, Reason
from app.privacy.rights.words import CHANNELS, PURPOSES, RESTRICTIONS
from app.privacy.words import CATEGORIES, GROUNDS, RECIPIENTS

Paragraphs = list[Text]
HEADINGS = {
    Outcome.GRANTED: Text("Уважихме искането Ви.", "We have granted your request."),
    Outcome.PARTLY_GRANTED: Text("Уважихме искането Ви частично.", "We have granted your request in part."),
    Outcome.REFUSED: Text("Не уважаваме искането Ви.", "We do not grant your request."),
}


def answer(
    kind: RequestKind, words: str | None, details: dict[str, Any], language: Language
) -> tuple[Paragraphs, Sequence[Table]]:
    """Write the answer's paragraphs and lists, from what stands in the case file of the decision."""
    outcome = Outcome(details["outcome"])
    paragraphs = [HEADINGS[outcome]]
    if details.get("reason"):
        why = WORDS[Reason(details["reason"])]
        paragraphs.append(_reason(why, in_part=outcome is Outcome.PARTLY_GRANTED))
    if words:
        paragraphs.append(Text(words, words))
    if details.get("held") is not None:
        paragraphs.append(_confirmation(held=details["held"]))
    if outcome is not Outcome.REFUSED:
        paragraphs += _done(kind, details)
    tables = [*_lists(details, language)]
    if kind is RequestKind.WITHDRAWAL:
        paragraphs.append(REST)
        tables.append(_grounds(language))
    return paragraphs, tables


def _reason(why: Text, *, in_part: bool) -> Text:
    if in_part:
        return Text(f"За останалото основанието е: {why.bg}.", f"The ground for the rest: {why.en}.")
    return Text(f"Основание за отказа: {why.bg}.", f"Ground of the refusal: {why.en}.")


def _confirmation(*, held: bool) -> Text:
    """Say whether data are held; the right of access includes the confirmation alone (C16)."""
    if held:
        return Text(
            "Потвърждаваме, че обработваме лични данни за Вас.", "We confirm that we process personal data about you."
        )
    return Text(
        "Потвърждаваме, че освен това искане и кореспонденцията по него не обработваме лични данни за Вас.",
        "We confirm that apart from this request and its correspondence we process no personal data about you.",
    )


def _done(kind: RequestKind, details: dict[str, Any]) -> Paragraphs:
    found: Paragraphs = []
    if until := details.get("copy_until"):
        found.append(_copy(kind, date.fromisoformat(until)))
    if ground := details.get("restriction_ground"):
        found.append(_restricted(RESTRICTIONS[ground]))
    if details.get("stopped"):
        found.append(STOPPED)
    if (withdrawn := details.get("withdrawn")) is not None:
        found.append(_withdrawn(withdrawn))
    if told := details.get("told"):
        names = [RECIPIENTS[Recipient(each)] for each in told]
        found.append(
            Text(
                "Уведомихме за това получателите, на които сме предоставили данните Ви:"
                f" {', '.join(each.bg for each in names)}.",
                f"We have told the recipients to whom we gave your data: {', '.join(each.en for each in names)}.",
            )
        )
    return found


def _copy(kind: RequestKind, until: date) -> Text:
    what = (
        Text("данните, които сте ни предоставили, в JSON и CSV", "the data that you gave us, as JSON and CSV")
        if kind is RequestKind.PORTABILITY
        else Text("копие от данните Ви, за четене и в JSON", "a copy of your data, to be read and as JSON")
    )
    return Text(
        f"До {day(until, Language.BG)} можете да изтеглите {what.bg}: с профила си или с връзката в писмото. Прави се в"
        " момента на изтеглянето. Ако желаете копието на хартия, пишете ни.",
        f"Until {day(until, Language.EN)} you can download {what.en}: with your account, or by the link in the mail. It"
        " is made at the moment of the download. If you want it on paper, write to us.",
    )


def _restricted(ground: Text) -> Text:
    return Text(
        f"Обработването е ограничено, защото {ground.bg}. Оттук нататък данните само се съхраняват, освен при Ваше"
        " съгласие, за изпълнение на договор или на законово основание. Преди ограничаването да бъде отменено, ще Ви"
        " уведомим (чл. 18, пар. 3 от Регламента).",
        f"The processing is restricted, because {ground.en}. From now on the data are only stored, unless you consent,"
        " or a contract or the law requires more. Before it is lifted we tell you (Art. 18(3) of the Regulation).",
    )


STOPPED = Text(
    "Прекратихме обработването, срещу което възразихте: данните само се съхраняват.",
    "We have stopped the processing that you objected to: the data are only stored.",
)
REST = Text(
    "Оттеглянето засяга само данните, които обработваме въз основа на съгласие, и не засяга обработването преди него."
    " Върху какво почиват останалите данни:",
    "The withdrawal concerns only the data that we process on consent, and not the processing before it. What the"
    " other data rest on:",
)


def _withdrawn(withdrawn: Sequence[dict[str, Any]]) -> Text:
    if not withdrawn:
        return Text(
            "Към момента нямаше дадено съгласие, което да прекратим; няма да Ви изпращаме рекламни съобщения.",
            "There was no consent that was still given; we send you no marketing.",
        )
    named = [_consent(each) for each in withdrawn]
    return Text(
        "С получаването на искането прекратихме обработването по тези съгласия:"
        f" {', '.join(each.bg for each in named)}. Няма да Ви изпращаме рекламни съобщения.",
        f"On receipt we stopped what rests on these consents: {', '.join(each.en for each in named)}. We send you no"
        " marketing.",
    )


def _consent(each: dict[str, Any]) -> Text:
    purpose = PURPOSES[each["purpose"]]
    if each["channel"] is None:
        return purpose
    channel = CHANNELS[Channel(each["channel"])]
    return Text(f"{purpose.bg} ({channel.bg})", f"{purpose.en} ({channel.en})")


def _lists(details: dict[str, Any], language: Language) -> Sequence[Table]:
    """List what was corrected, what was erased, and what is kept until when under which law."""
    tables = []
    if corrected := details.get("corrected"):
        columns = _words(language, ("Данни", "Data"), ("Беше", "It was"), ("Сега", "It is now"))
        title = Text("Коригирани данни", "Rectified data").in_(language)
        tables.append(Table(columns, [_corrected(each, language) for each in corrected], title))
    if erased := details.get("erased"):
        title = Text("Удостоверение: изтрихме", "Certificate: erased").in_(language)
        tables.append(Table(_words(language, ("Какво", "What")), [(each[language],) for each in erased], title))
    if kept := details.get("kept"):
        columns = _words(language, ("Какво", "What"), ("Основание", "Law"), ("До", "Until"), ("Брой", "Count"))
        title = Text("Удостоверение: пазим", "Certificate: kept").in_(language)
        tables.append(Table(columns, [_kept(each, language) for each in kept], title))
    return tables


def _corrected(each: dict[str, Any], language: Language) -> tuple[str | None, ...]:
    return FIELDS[each["field"]].in_(language), each["before"], each["after"]


def _kept(each: dict[str, Any], language: Language) -> tuple[object, ...]:
    return each["what"][language], each["law"][language], last_day(each, language), each["count"]


def _grounds(language: Language) -> Table:
    """Say which data rest on what (C17), read off the shop's own tables."""
    rows = [
        (GROUNDS[ground].in_(language), ", ".join(CATEGORIES[each].in_(language) for each in categories_on(ground)))
        for ground in Ground
        if categories_on(ground)
    ]
    return Table(_words(language, ("Основание", "Ground"), ("Данни", "Data")), rows)


def _words(language: Language, *pairs: tuple[str, str]) -> list[str]:
    return [Text(*pair).in_(language) for pair in pairs]
