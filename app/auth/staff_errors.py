"""Refusals about staff, invitations and machine clients."""

from app.core.errors import ShopError
from app.core.language import Text


class MemberDisabled(ShopError):
    title = Text("Достъпът на служителя е спрян", "Staff member disabled")
    advice = Text("Първо възстановете достъпа му.", "Enable the member of staff first.")


class LastOwner(ShopError):
    title = Text("Това е последният собственик", "Last owner")
    advice = Text(
        "Първо дайте роля „owner“ на друг служител с активен достъп.",
        "Give the role owner to another active member of staff first.",
    )


class CodeWrong(ShopError):
    """One answer for a wrong code, one that was used and one that is out of date."""

    status = 422
    title = Text("Грешен код", "Wrong code")
    advice = Text(
        "Въведете кода, който приложението показва сега; часовникът на устройството трябва да е верен.",
        "Enter the code that the app shows now; the clock of the device has to be right.",
    )


class TrainingInFuture(ShopError):
    status = 422
    title = Text("Обучението още не се е състояло", "Training not held yet")
    advice = Text("Впишете го в деня, в който се проведе, или по-късно.", "Record it on the day it is held, or later.")


class OwnTraining(ShopError):
    """A training opens customers' data, so that nobody opens them to themselves."""

    status = 403
    title = Text("Собственото обучение вписва друг", "One's own training")
    advice = Text(
        "Нека го впише друг служител с това право; на единствения собственик – операторът на магазина.",
        "Let another who has this right record it; that of a sole owner is recorded by the operator of the shop.",
    )


class RecipientsDiffer(ShopError):
    status = 422
    title = Text("Обхватите са за различни получатели", "The scopes are of different recipients")
    advice = Text("Създайте отделен клиент за всеки получател.", "Make a client for each recipient.")


class ClientRevoked(ShopError):
    title = Text("Клиентът е прекратен", "Client revoked")
    advice = Text("Създайте нов клиент.", "Make a new client.")
