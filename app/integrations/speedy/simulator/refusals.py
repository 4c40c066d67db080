"""What Speedy refuses with, in both of its languages."""

from typing import Any

from starlette.responses import PlainTextResponse


class Refusal(Exception):
    """A rule that a request breaks; `context` is Speedy's own where it is known, else `sim.…`."""

    def __init__(self, code: int, context: str, bg: str, en: str, component: str | None = None) -> None:
        super().__init__(context)
        self.code, self.context, self.component = code, context, component
        self.bg, self.en = bg, en

    def error(self, language: str, error_id: str) -> dict[str, Any]:
        text = self.en if language == "EN" else self.bg
        error = {"context": self.context, "message": f"{text} ({error_id})", "id": error_id, "code": self.code}
        return error if self.component is None else {**error, "component": self.component}


class Malformed(Exception):
    """No JSON, or JSON of another shape: answered in plain text."""

    def answer(self, status: int) -> PlainTextResponse:
        return PlainTextResponse(f"Cannot deserialize value: {self}", status)


def missing(component: str, code: int = 1) -> Refusal:
    field = component.removeprefix("$.")
    return Refusal(code, f"sim.{field}.required", f"Липсва стойност: {field}", f"Value is missing: {field}", component)


def forbidden(component: str, code: int = 1) -> Refusal:
    field = component.removeprefix("$.")
    return Refusal(
        code, f"sim.{field}.forbidden", f"Не се очаква стойност: {field}", f"Value is not expected: {field}", component
    )


def invalid(component: str, code: int = 1) -> Refusal:
    field = component.removeprefix("$.")
    return Refusal(
        code, f"sim.{field}.invalid", f"Невалидна стойност: {field}", f"Value is not valid: {field}", component
    )


def require_length(text: str | None, limit: int, component: str, code: int, *, least: int = 0) -> None:
    """Refuse a text that is too long, never cut it; lengths are those of Java."""
    if text is not None and not least <= len(text.encode("utf-16-le", "surrogatepass")) // 2 <= limit:
        field = component.removeprefix("$.")
        raise Refusal(
            code, f"sim.{field}.length", f"Невалидна дължина: {field}", f"Length is not valid: {field}", component
        )
