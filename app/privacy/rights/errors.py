"""Refusals of the rights desk."""

from typing import Any

from app.core.errors import ShopError
from app.core.language import Language, Text


class RequestDecided(ShopError):
    title = Text("По искането вече има отговор", "The request is decided")
    advice = Text(
        "По това искане нищо повече не се променя. Подайте ново, ако желаете.",
        "Nothing more changes in this request. Make a new one if you wish.",
    )


class NotIdentified(ShopError):
    title = Text("Самоличността не е установена", "Not identified")
    advice = Text(
        "Запишете първо как е установено кой подава искането и за чии данни се отнася.",
        "First record how it was established who asks, and whose data it is about.",
    )


class DestinationNotSettled(ShopError):
    """Nothing personal goes to an address that is not known to be the person's."""

    title = Text("Адресът за отговора не е проверен", "Destination not settled")
    advice = Text(
        "Не е известно адресът за отговора да е на лицето. Решете първо за него и запишете как е проверен.",
        "The address that the answer is to go to is not known to be the person's. Decide on it first, and how.",
    )


class DestinationDiffers(ShopError):
    """Nobody decides on an address that they have not seen: it changed meanwhile."""

    title = Text("Адресът за отговора вече е друг", "The destination has changed")
    advice = Text(
        "Междувременно адресът за отговора е сменен. Отворете преписката отново, проверете новия и решете за него.",
        "The address that the answer is to go to was changed meanwhile. Open the case again, check the new one and"
        " decide on that.",
    )


class ConfirmationDiffers(ShopError):
    title = Text("Потвърденото не е това, което се иска", "Not what is asked for")
    advice = Text(
        "Покажете отново какво се иска и върнете в confirmed точно него.",
        "Show again what is asked for, and send exactly that back in confirmed.",
    )


class OfficerOnly(ShopError):
    """A refusal to restrict comes from the responsible person alone (S65)."""

    status = 403
    title = Text("Само отговорното лице може да откаже", "Only the responsible person may refuse")
    advice = Text(
        "Отказ за ограничаване на обработването се дава само от отговорното лице по защита на личните данни.",
        "Only the privacy officer refuses to restrict.",
    )


class ExtensionTooLate(ShopError):
    title = Text("Срокът вече не може да се удължи", "Too late to extend")
    advice = Text(
        "Удължаване се съобщава в рамките на първия срок, веднъж. Изпратете писмо за закъснението с причината.",
        "An extension is told within the first term, once. Send a letter about the delay, with its reason.",
    )


class AlreadyExtended(ExtensionTooLate):
    title = Text("Срокът вече е удължен", "Already extended")


class CopyNotGranted(ShopError):
    title = Text("Няма копие за изтегляне", "No copy to download")
    advice = Text(
        "Копие се изтегля, след като искането е уважено, до деня, посочен в отговора.",
        "A copy is downloaded once the request is granted, until the day that the answer names.",
    )


class AttachmentRefused(ShopError):
    status = 422
    title = Text("Файлът не се приема", "File not accepted")
    advice = Text(
        "Изпратете PDF, JPEG или PNG до 2 MiB; видът се разпознава по съдържанието.",
        "Send a PDF, JPEG or PNG of up to 2 MiB; its kind is told by its content.",
    )


class TooManyAttachments(ShopError):
    title = Text("Твърде много приложения", "Too many attachments")
    advice = Text("Към едно искане се приемат до {most} файла.", "One request takes up to {most} files.")
    example = {"most": 5}  # noqa: RUF012 - read only


class TooManyMessages(ShopError):
    title = Text("Твърде много допълнения", "Too many additions")
    advice = Text("Към едно искане се приемат до {most} допълнения.", "One request takes up to {most} additions.")
    example = {"most": 50}  # noqa: RUF012 - read only


class DecisionUnfit(ShopError):
    """What was decided does not fit the request; `errors` point at what."""

    status = 422
    title = Text("Решението не подхожда на искането", "The decision does not fit the request")
    advice = Text("Поправете посоченото и изпратете отново.", "Correct what is named and send again.")

    def __init__(self, pointer: str = "/reason", detail: Text | None = None) -> None:
        super().__init__()
        self.pointer, self.told = pointer, detail or self.advice

    def document(self, language: Language) -> dict[str, Any]:
        error = {"pointer": self.pointer, "detail": self.told.in_(language)}
        return {**super().document(language), "errors": [error]}
