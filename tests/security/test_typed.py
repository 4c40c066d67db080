"""Whatever text is typed meets one rule: every field of a request, so that a new one cannot miss it."""

import re
import types
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from app.core.explaining import BULGARIAN
from app.core.fields import ANY_LINE, Wish
from tests.shop import Shop, a_wish

INVISIBLE = (
    "\u200b",
    "\u3164",
    "\u2800",
    "\u00ad",
    "\U000e0041\U000e0042",
    "\ufe0f",
    "\u200d",
    "\u2060\ufeff",
    " \u200b ",
)
NONCHARACTERS = ("\ufffe", "\uffff", "\ufdd0", "\U0001fffe")
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
GOOD = ("Ива", "iva@example.bg", "0888123456", "175074752", "100000001", "1618", "orders.first_name", "192.0.2.0/24")
NAMED_BACK = {
    "CheckDestination.destination",
    "ConfirmedProxy.name",
    "ConfirmedProxy.person_email",
    "ConfirmedRequest.destination",
}
"""Never kept, only compared with what is: what was kept before this rule must be named back as it stands.

Passwords and tokens are no text either: they are `SecretStr` here, or stand in headers.
"""
OPAQUE = {"cursor", "token"}
"""What the shop itself wrote, and alone can read."""
NOT_KEPT = {"show_file?name", "show_problem?slug", "start_withdrawal?order"}
"""Looked up among names that the code has; shown in the form, which reads it once it is sent."""


def texts(annotation: Any, rules: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield every kind of text that a field takes, with the rules it is held to."""
    if get_origin(annotation) is Annotated:
        inner, *beside = get_args(annotation)
        yield from texts(inner, (*beside, *rules))
    elif get_origin(annotation) in (Union, types.UnionType, list, dict, tuple, set, frozenset):
        for each in get_args(annotation):
            yield from texts(each, rules if get_origin(annotation) in (Union, types.UnionType) else ())
    elif annotation is str:
        yield Annotated[str, *rules] if rules else str


def wishes(model: type[Wish]) -> Iterator[type[Wish]]:
    for below in model.__subclasses__():
        yield below
        yield from wishes(below)


def parameters(dependant: Dependant) -> Iterator[Any]:
    yield from (*dependant.query_params, *dependant.path_params)
    for below in dependant.dependencies:
        yield from parameters(below)


def of_model(name: str, model: type[BaseModel]) -> Iterator[tuple[str, list[Any]]]:
    for field, info in model.model_fields.items():
        yield f"{name}{field}", [*texts(info.annotation, tuple(info.metadata))]


def fields(app: FastAPI) -> dict[str, list[Any]]:
    """List each text of a request by its name: in bodies, forms and commands; in queries and paths."""
    found: dict[str, list[Any]] = {}
    for wish in wishes(Wish):
        if wish.__module__.startswith("app."):
            found |= of_model(f"{wish.__name__}.", wish)
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            for parameter in parameters(route.dependant):
                info = parameter.field_info
                if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
                    found |= of_model(f"{route.name}?", info.annotation)
                else:
                    found[f"{route.name}?{parameter.alias}"] = [*texts(info.annotation, tuple(info.metadata))]
    return {name: kinds for name, kinds in found.items() if kinds}


def is_held(name: str) -> bool:
    return name not in NAMED_BACK | NOT_KEPT and re.split(r"[?.]", name)[-1] not in OPAQUE


def taken(kind: TypeAdapter[Any], text: str) -> str | None:
    try:
        return str(kind.validate_python(text))
    except ValidationError:
        return None


def breaches(kind: TypeAdapter[Any]) -> Iterator[str]:
    """Yield what a field takes and must not, and what it keeps of a good text otherwise than without the unseen."""
    good = {text: kept for text in GOOD if (kept := taken(kind, text)) is not None}
    turned = [text[:2] + sign + text[2:] for text in good for sign in TURNING]
    for text in (*INVISIBLE, *NONCHARACTERS, *turned):
        if taken(kind, text) is not None:
            yield ascii(text)
    for text, kept in good.items():
        unseen = f"{text[:1]}\u200b\ufe0d{text[1:]}\u00ad"
        if taken(kind, unseen) not in (kept, None):
            yield ascii(unseen)


async def test_typed_c3_no_text_is_one_that_nobody_sees_or_that_reads_otherwise(shop: Shop) -> None:
    found = fields(shop.app)
    assert len(found) > 150
    assert {*NAMED_BACK, *NOT_KEPT, "Customer.first_name", "SearchRegister.words", "list_products?q"} <= set(found)
    kinds = {name: map(TypeAdapter[Any], kinds) for name, kinds in found.items() if is_held(name)}
    faults = {name: [*chain.from_iterable(map(breaches, each))] for name, each in kinds.items()}
    assert [f"{name} takes {fault[0]}" for name, fault in faults.items() if fault] == []


async def test_typed_c3_a_field_without_the_rule_is_found() -> None:
    assert [*breaches(TypeAdapter(Annotated[str, StringConstraints(max_length=50)]))] != []
    assert [*breaches(TypeAdapter(Annotated[str, StringConstraints(max_length=50), ANY_LINE]))] == []


async def test_typed_c3_a_name_that_nobody_sees_is_refused_by_the_name_of_its_field(shop: Shop) -> None:
    for name, kind in (("\u200b", "blank"), ("Ив\u202eа", "turned"), ("Ив\ufffeа", "unprintable")):
        wish = a_wish(await shop.cart())
        wish["customer"]["first_name"] = name
        headers = {"Idempotency-Key": f"unseen-{kind}", "Accept-Language": "bg"}
        answer = await shop.http.post("/v1/orders", json=wish, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"pointer": "/customer/first_name", "detail": BULGARIAN[kind]}]
    assert await shop.rows("SELECT id FROM orders") == []


async def test_typed_c3_what_nobody_sees_is_not_kept(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    wish["customer"] |= {"first_name": "\u200bИ\u200dва\u3164", "phone": "0888\ufe0d123456"}
    answer = await shop.http.post("/v1/orders", json=wish, headers={"Idempotency-Key": "unseen"})
    assert answer.status_code == 201, answer.text
    assert await shop.rows("SELECT first_name, phone FROM orders") == [("Ива", "+359888123456")]


@pytest.mark.parametrize("number", ["012345678", "000000000", "999999999"])
async def test_e3_nine_digits_that_no_order_has_are_answered_alike_whatever_they_begin_with(
    shop: Shop, number: str
) -> None:
    answer = await shop.http.get(f"/v1/orders/{number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
