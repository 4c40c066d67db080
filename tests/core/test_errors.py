"""Each refusal is a problem type of its own, told in both languages."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest

import app
from app.checkout.errors import TotalAboveExpected
from app.checkout.schemas import QuoteView
from app.core.errors import Invalid, NotFound, ShopError
from app.core.explaining import BULGARIAN
from app.core.language import Language
from app.core.problems import Failure, Problem, pointer, problems, respond
from tests.problems import PUBLIC_URL, of_kind

CYRILLIC = re.compile(r"[А-Яа-я]")


def refusals() -> list[type[ShopError]]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_below(ShopError), key=lambda kind: kind.__name__)


def _below(kind: type[ShopError]) -> Iterator[type[ShopError]]:
    for each in kind.__subclasses__():
        # A kind of refusals without a title is never raised itself.
        if hasattr(each, "title") and each.__module__.startswith("app."):
            yield each
        yield from _below(each)


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_it_is_and_what_to_do_in_both_languages(kind: type[ShopError]) -> None:
    assert CYRILLIC.search(kind.title.bg), "the title is not Bulgarian"
    assert CYRILLIC.search(kind.advice.bg), "the advice is not Bulgarian"
    assert not CYRILLIC.search(kind.title.en + kind.advice.en)
    assert kind.title.bg[-1] != "."
    assert kind.title.en[-1] != "."
    assert kind.advice.bg[-1] in ".?"
    assert kind.advice.en[-1] in ".?"
    named = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (kind.advice.bg, kind.advice.en)]
    assert named[0] == named[1], "the languages name different members"
    assert not (named[0] | kind.example.keys()) & {"type", "code", "title", "status", "detail"}, "every problem has it"
    assert 400 <= kind.status <= 503
    assert kind.__doc__ is not None or kind.title.en


MEMBERS: dict[str, dict[str, Any]] = {
    "DeclarationOutdated": {"purpose": "order", "current_version": "2026-11-22"},
    "RoleInsufficient": {"right": "cancel_orders"},
    "HeldUnpaid": {"items": [{"sku": "ION-SET-1", "available": 3}]},
    "TotalAboveExpected": {"quote": QuoteView.model_validate(TotalAboveExpected.example["quote"])},
    "OrderCannotMove": {"order_status": "shipped"},
    "WithdrawalSettled": {"outcome": "refunded"},
    "PaymentCannotMove": {"payment_status": "received"},
    "ShipmentCannotMove": {"shipment_status": "cancelled"},
    "OutOfStock": {"items": [{"sku": "ION-SET-1", "available": 3}]},
}


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.__name__)
def test_a_refusal_becomes_a_problem_with_its_members(kind: type[ShopError]) -> None:
    named = {name for _, name, _, _ in Formatter().parse(kind.advice.en) if name}
    refusal = kind(**MEMBERS.get(kind.__name__, dict.fromkeys(named, 7)))
    for language in Language:
        answer = respond(refusal, language, PUBLIC_URL)
        document = json.loads(bytes(answer.body))
        assert answer.status_code == kind.status
        if "type" not in document:  # RFC 6749 has a form of its own, in ASCII
            assert answer.headers["content-language"] == Language.EN
            continue
        assert answer.headers["content-language"] == language
        Problem.model_validate(document)
        assert document == document | of_kind(kind.slug())
        assert document["title"] == kind.title.in_(language)
        assert "{" not in document["detail"]
        assert all(name in document for name in named)
    assert str(refusal) == kind.__name__


def test_types_are_unique_and_made_of_the_name() -> None:
    kinds = refusals()
    assert len({kind.type() for kind in kinds}) == len(kinds)
    assert NotFound.type() == "/problems/not-found"
    assert all(re.fullmatch(r"/problems/[a-z0-9]+(-[a-z0-9]+)*", kind.type()) for kind in kinds)


@pytest.mark.parametrize(
    ("location", "named"),
    [
        (("body", "customer", "phone"), "/customer/phone"),
        (("body", "consents", 0), "/consents/0"),
        (("body", "a/b~c"), "/a~1b~0c"),
        (("body",), ""),
        (("query", "limit"), "?limit"),
        (("header", "idempotency-key"), "header:idempotency-key"),
        (("path", "number"), "path:number"),
    ],
)
def test_a_pointer_names_the_field(location: tuple[Any, ...], named: str) -> None:
    assert pointer(location) == named


def test_what_pydantic_says_is_said_in_bulgarian_with_its_values() -> None:
    for kind, text in BULGARIAN.items():
        assert CYRILLIC.search(text), kind


def test_a_wait_becomes_a_header() -> None:
    assert respond(Failure(retry_after=12), Language.EN, PUBLIC_URL).headers["retry-after"] == "12"
    assert "retry-after" not in respond(Failure(), Language.EN, PUBLIC_URL).headers


def test_refusals_of_one_status_are_described_together() -> None:
    described = problems(NotFound, Invalid)
    assert set(described) == {404, 422}
    example = described[404]["content"]["application/problem+json"]["examples"]["not-found"]["value"]
    assert example == {
        **of_kind("not-found", ""),
        "title": "Not found",
        "status": 404,
        "detail": "Check the address and that it is yours to see.",
    }
