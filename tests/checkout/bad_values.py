"""Walks the model of a request: every field, where it stands, and what does not belong there."""

import copy
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from app.core.money import Money

Path = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A field of a request and what it takes."""

    path: Path
    kind: type
    required: bool
    longest: int | None

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.path)


def places(model: type[BaseModel], at: Path = ()) -> Iterator[Place]:
    """Yield every field of a model, those of models within it after it; of a union, those of each member."""
    for name, field in model.model_fields.items():
        members = _members(field.annotation)
        models = [member for member in members if isinstance(member, type) and issubclass(member, BaseModel)]
        path = (*at, name)
        if models:
            yield Place(path, dict, field.is_required(), None)
            for member in models:
                yield from places(member, path)
        else:
            yield Place(path, _kind(members[0]), field.is_required(), _longest(field, members[0]))


def _members(annotation: Any) -> list[Any]:
    """Open what is annotated or optional."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [opened for each in get_args(annotation) if each is not type(None) for opened in _members(each)]
    return [annotation]


def _kind(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin is list:
        return list
    if origin is Literal or (isinstance(annotation, type) and issubclass(annotation, StrEnum)):
        return StrEnum
    assert isinstance(annotation, type)
    return annotation


def _longest(field: FieldInfo, annotation: Any) -> int | None:
    """Find how long a text may be: beside the field, or within what is optional."""
    beside = list(field.metadata)
    for part in get_args(field.annotation):
        beside += list(getattr(part, "__metadata__", ()))
    limits = [rule.max_length for rule in beside if isinstance(rule, (StringConstraints, MaxLen))]
    return next((limit for limit in limits if limit is not None and annotation is str), None)


MISFITS: dict[type, tuple[Any, ...]] = {
    str: (7, 1.5, True, [], ["x"], {}, {"x": "x"}),
    StrEnum: (7, 1.5, True, [], {}, "something else", "", "\ud800", "\x00"),
    int: ("x", "", "14", 1.5, 1e400, True, [], {}, 0, -1, 2**63, 10**400),
    Money: (7, 129.9, True, [], {}, "", "x", "129", "129,90", "129.9", " 129.90", "1e2", "NaN", "1" * 5000 + ".00"),
    bool: (0, 1, "true", "yes", "", [], {}, 1.0),
    list: ("x", 7, True, {}, [7], ["something else"], ["newsletter", "newsletter"], [None], [[]]),
    dict: ("x", "", 7, 1.5, True, [], ["x"]),
}
UNPRINTABLE = ("\x00", "a\x00b", "a\x07b", "a\x1bb", "a\x7fb", "a\x85b", "a\u2028b", "a\ue000b", "\ud800", "a\udc00")
BLANK = ("", " ", "\u00a0\u2003", "\t", "\n")
NO_UUID: tuple[Any, ...] = (7, True, [], {}, "", "x", "\x00", "5b0c7a52-6c1f-4b06-9d8a", "\ud800", "5" * 5000)


def misfits(place: Place) -> Iterator[Any]:
    """Yield what the field must refuse, whatever it means."""
    if place.required:
        yield None
    yield from MISFITS.get(place.kind, NO_UUID)
    if place.kind is str:
        yield from UNPRINTABLE
        yield from BLANK
        yield "й" * (place.longest + 1 if place.longest else 5)
        yield "x" * 60_000


def changed(wish: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Give a copy of the wish that has this value there."""
    copied = copy.deepcopy(dict(wish))
    _holder(copied, path)[path[-1]] = value
    return copied


def without(wish: Mapping[str, Any], path: Path) -> dict[str, Any]:
    copied = copy.deepcopy(dict(wish))
    del _holder(copied, path)[path[-1]]
    return copied


def has(wish: Mapping[str, Any], path: Path) -> bool:
    return path[-1] in _holder(wish, path)


def _holder(wish: Any, path: Path) -> Any:
    for step in path[:-1]:
        wish = wish[step]
    return wish
