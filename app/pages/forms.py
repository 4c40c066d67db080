"""Forms made of a request's schema: its fields as inputs, and what was typed read back into it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from app.core.errors import ShopError
from app.core.explaining import explain
from app.core.language import Language, Text
from app.core.problems import MOST_ERRORS, place, pointer
from app.core.seen import is_blank

Body = TypeVar("Body", bound=BaseModel)

KINDS = {"email": "email", "integer": "number", "date": "date"}
LIMITS = {"minLength": "minlength", "maxLength": "maxlength", "minimum": "min", "maximum": "max"}


@dataclass(frozen=True, slots=True)
class Label:
    """How a field of the schema is shown: its words, what a browser may fill in, how many lines it has."""

    text: Text
    hint: Text | None = None
    autocomplete: str = "off"
    rows: int = 0
    choices: Mapping[str, Text] = field(default_factory=dict)
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A field as the template draws it."""

    name: str
    kind: str
    label: str
    hint: str
    value: str
    error: str
    attributes: Mapping[str, Any]
    is_required: bool
    rows: int
    choices: Sequence[tuple[str, str]]

    @property
    def id(self) -> str:
        return self.name.replace("/", "-")


@dataclass(frozen=True, slots=True)
class FieldError:
    """A refusal as the summary lists it; `field` is empty where none is shown."""

    field: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Form(Generic[Body]):
    """A form of one schema: its labels by JSON pointer without the first slash, which is the name in the form, too."""

    schema: type[Body]
    labels: Mapping[str, Label]

    def read(self, typed: Mapping[str, str]) -> Body:
        """Validate what was typed; pydantic's error says what is wrong."""
        return self.schema.model_validate(nested(typed))

    def shown(
        self, language: Language, typed: Mapping[str, str], errors: Mapping[str, str] | None = None
    ) -> "ShownForm":
        errors = errors or {}
        inputs = [self._input(name, language, typed.get(name, ""), errors.get(name, "")) for name in self.labels]
        seen = {each.name: each for each in inputs if each.kind != "hidden"}
        listed = [
            FieldError(seen[name].id, seen[name].label, detail) if name in seen else FieldError("", name, detail)
            for name, detail in errors.items()
        ]
        return ShownForm(inputs, sorted(listed, key=lambda error: _rank(error, inputs)))

    def errors(self, refused: ValidationError, typed: Mapping[str, str], language: Language) -> dict[str, str]:
        """Say for each field what is wrong with it, in the words of the problem document."""
        body, told = nested(typed), dict[str, str]()
        for error in refused.errors(include_url=False)[:MOST_ERRORS]:
            found = {**error, "loc": ("body", *error["loc"])}
            told.setdefault(as_typed(pointer(place(found, body)).lstrip("/"), typed), explain(found, language))
        return told

    def _input(self, name: str, language: Language, value: str, error: str) -> Input:
        label, (schema, is_required) = self.labels[name], described(self.schema, name)
        attributes = {ours: schema[theirs] for theirs, ours in LIMITS.items() if theirs in schema}
        if attributes.get("minlength", 0) <= 1:
            attributes.pop("minlength", None)  # what is required is said so
        choices = [(key, text.in_(language)) for key, text in label.choices.items()]
        return Input(
            name=name,
            kind=_kind(label, schema),
            label=label.text.in_(language),
            hint=label.hint.in_(language) if label.hint else "",
            value=value,
            error=error,
            attributes={"autocomplete": label.autocomplete, **attributes},
            is_required=is_required,
            rows=label.rows,
            choices=choices if is_required else [("", "–"), *choices],
        )


@dataclass(frozen=True, slots=True)
class ShownForm:
    """A form as the template draws it."""

    inputs: Sequence[Input]
    errors: Sequence[FieldError]


def nested(typed: Mapping[str, str]) -> dict[str, Any]:
    """Make the body of a request of a form's fields: `lines/0/sku` is a member of a list's first; empty is left out."""
    body: dict[str, Any] = {}
    for name, value in typed.items():
        if not is_blank(value):
            *steps, last = name.split("/")
            within = body
            for step in steps:
                below = within.setdefault(step, {})
                within = below if isinstance(below, dict) else {}
            within[last] = value
    return {name: _listed(value) for name, value in body.items()}


def _listed(value: Any) -> Any:
    """Make lists of what has numbers for names, in their order; a gap closes."""
    if not isinstance(value, dict):
        return value
    below = {name: _listed(each) for name, each in value.items()}
    numbers = _numbers(below)
    return [below[name] for name in numbers] if numbers else below


def _numbers(names: Iterable[str]) -> list[str]:
    """Put the members of a list in their order; none, where the names are not all numbers."""
    names = set(names)
    return sorted(names, key=int) if all(name.isascii() and name.isdigit() for name in names) else []


def as_typed(pointed: str, typed: Mapping[str, str]) -> str:
    """Name the form's own field: the numbers of a list, in which gaps have closed, are again those of the form."""
    names = [name.split("/") for name, value in typed.items() if not is_blank(value)]
    steps: list[str] = []
    for depth, step in enumerate(pointed.split("/")):
        below = {name[depth] for name in names if len(name) > depth and name[:depth] == steps}
        numbers = _numbers(below) if depth else []
        steps.append(numbers[int(step)] if step.isdigit() and int(step) < len(numbers) else step)
    return "/".join(steps)


def described(schema: type[BaseModel], name: str) -> tuple[Mapping[str, Any], bool]:
    """Find a field in the schema as the contract describes it, and whether it must be filled in.

    Of what is none of the schema, such as the name of a line that is only shown, nothing is said.
    """
    whole = _contract_of(schema)
    here, is_required = _resolved(whole, whole), True
    for step in name.split("/"):
        is_required = is_required and (step.isdigit() or step in here.get("required", ()))
        here = _resolved(here["items"] if step.isdigit() else here["properties"].get(step, {}), whole)
    return here, is_required


@cache
def _contract_of(schema: type[BaseModel]) -> Mapping[str, Any]:
    return schema.model_json_schema()


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and take what is not null of what may be."""
    if "anyOf" in schema:
        [schema] = [each for each in schema["anyOf"] if each.get("type") != "null"]
    if "$ref" in schema:
        return _resolved(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    return schema


def _kind(label: Label, schema: Mapping[str, Any]) -> str:
    if label.is_hidden:
        return "hidden"
    if label.choices:
        return "select"
    if label.rows:
        return "textarea"
    return KINDS.get(schema.get("format", ""), KINDS.get(schema.get("type", ""), "text"))


def _rank(error: FieldError, inputs: Sequence[Input]) -> int:
    return next((number for number, each in enumerate(inputs) if each.id == error.field), len(inputs))


def errors_of(problem: ShopError, language: Language) -> dict[str, str]:
    """Say what a refusal says: at the fields that its pointers name, else of the whole."""
    pointed = problem.members.get("errors", ())
    told = {error["pointer"].lstrip("/"): error["detail"] for error in pointed if error["pointer"].startswith("/")}
    return told or {"": problem.document(language)["detail"]}
