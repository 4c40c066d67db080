"""Refusals of the breach desk."""

from app.core.errors import ShopError
from app.core.language import Text


class BreachCannotMove(ShopError):
    title = Text("Нарушението не е в подходящо състояние", "The breach is not in a state for this")
    advice = Text(
        "Вижте какво предстои в записа му.",
        "See its record for what is next.",
    )
    example = {"breach_status": "discovered", "allowed": ["assessed"]}  # noqa: RUF012 - read only


class BreachIncomplete(ShopError):
    """The four fields of the register come first (S82, S83)."""

    title = Text("Записът на нарушението е непълен", "The record of the breach is not complete")
    advice = Text(
        "Първо впишете каквото липсва: без факти, последици, мерки и оценка на риска за нарушение нито се"
        " уведомява, нито се закрива.",
        "First enter what is missing: without facts, consequences, measures and an assessment of the risk a breach is"
        " neither notified nor closed.",
    )
    example = {"missing": ["facts", "risk_assessment"]}  # noqa: RUF012 - as above


class RiskNotUnlikely(ShopError):
    title = Text("Рискът изисква уведомяване", "The risk asks for a notification")
    advice = Text(
        "Само ако рискът е малко вероятен, КЗЛД не се уведомява (чл. 33, пар. 1). Проверете оценката.",
        "Only where a risk is unlikely the authority is not notified (Art. 33(1)). Check the assessment.",
    )
    example = {"risk": "high"}  # noqa: RUF012 - as above


class ReasonsOfDelayMissing(ShopError):
    title = Text("Липсват причините за забавянето", "The reasons of the delay are missing")
    advice = Text(
        "72-та часа изтекоха на {due_at}. Впишете причините за забавянето и ги посочете (чл. 33, пар. 1).",
        "The 72 hours ended at {due_at}. Enter the reasons of the delay and state them (Art. 33(1)).",
    )
    example = {"due_at": "2026-11-26T11:00:00+00:00"}  # noqa: RUF012 - as above


class MomentImpossible(ShopError):
    status = 422
    title = Text("Моментът не е възможен", "The moment is not possible")
    advice = Text(
        "Моментът е в бъдещето, или е преди това, което го е предизвикало.",
        "The moment is in the future, or before what led to it.",
    )


class PeopleNotComputed(ShopError):
    title = Text("Засегнатите лица не са установени", "It is not established who is affected")
    advice = Text("Първо изчислете засегнатите лица.", "First compute who is affected.")


class NobodyAffected(ShopError):
    title = Text("Няма засегнати лица", "Nobody is affected")
    advice = Text(
        "Няма на кого да се пише. Впишете, че няма засегнати лица, със съображения.",
        "There is nobody to write to. Record that nobody is affected, with the reasons.",
    )


class SomebodyAffected(ShopError):
    title = Text("Има засегнати лица", "Somebody is affected")
    advice = Text(
        "Установени са {people} засегнати лица. Уведомете ги или посочете друго основание.",
        "{people} people are affected. Tell them, or state another ground.",
    )
    example = {"people": 12}  # noqa: RUF012 - as above


class LettersStarted(ShopError):
    title = Text("Писмата вече се изпращат", "Letters are being sent already")
    advice = Text("Нарушението вече се съобщава на лицата.", "The people are being told of the breach already.")


class PublicNoticeMissing(ShopError):
    """Where letters would be disproportionate, or do not reach, people are told publicly (Art. 34(3)(c))."""

    title = Text("Липсва публично съобщение", "There is no public notice")
    advice = Text(
        "Първо публикувайте съобщение и го впишете (чл. 34, пар. 3, б. „в“).",
        "First publish a notice and record it (Art. 34(3)(c)).",
    )


class NoDrill(ShopError):
    title = Text("Това не е учение", "This is no drill")
    advice = Text("Само часовникът на учение се превърта.", "Only the clock of a drill is put forward.")


class AlreadySent(ShopError):
    title = Text("Уведомлението вече е изпратено", "The notification was sent already")
    advice = Text(
        "Изпратеното не се променя. За нова информация изгответе ново уведомление.",
        "What was sent is not changed. For new information make a new draft.",
    )


class DraftOutdated(ShopError):
    title = Text("Проектът е остарял", "The draft is out of date")
    advice = Text(
        "След него е изпратено друго уведомление. Изгответе нов проект.",
        "Another notification was sent after it. Make a new draft.",
    )


class LoginNotOnRecord(ShopError):
    status = 422
    title = Text("Няма такова влизане", "No such login on record")
    advice = Text(
        "Влизането {login} не е записано или вече е изтрито. Търсете по потребителя и период.",
        "The login {login} is not on record, or is forgotten by now. Search by its person and a period.",
    )
    example = {"login": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"}  # noqa: RUF012 - as above
