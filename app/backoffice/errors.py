"""Refusals about registers."""

from app.core.errors import ShopError
from app.core.language import Text


class TooLongForPaper(ShopError):
    title = Text("Регистърът е твърде дълъг за хартия", "Register too long for paper")
    advice = Text(
        "На хартия се събират {rows} записа. Изтеглете регистъра като CSV.",
        "Paper holds {rows} rows. Download the register as CSV.",
    )
    example = {"rows": 1000}  # noqa: RUF012 - read only


class FieldsUnknown(ShopError):
    status = 422
    title = Text("Непознати полета", "Unknown fields")
    advice = Text(
        "Нищо не е записано. Посочете точните полета, както ги нарича картата на данните: orders.first_name.",
        "Nothing was recorded. Name the exact fields as the data map does: orders.first_name.",
    )
