"""E3: whatever is wrong with a request, a person reads in words what to do; every field is tried with bad input."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.ext.asyncio import async_sessionmaker

from app import main
from app.core.clock import SystemClock
from app.core.errors import ShopError
from app.core.explaining import BULGARIAN, SHAPES, explain
from app.core.language import Language
from app.settings import Settings
from tests.contract import contract

ROOT = Path(__file__).parents[2]
JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**30, 1.5, float("nan"), float("inf"), [], [1], {}, {"unknown": 1}, b"x"),
    *("", " ", "x", "я" * 300, "\x00", "\u202e", "\ud800", "iva@", "www.example.bg"),
    *("0", "1e5", "2026-13-45", "2026-11-23T10:00:00", "2026-11-23"),
)
SIGNS = re.compile(r"[\[\]{}^$\\*|`<]|(?<!\w)'|'(?!\w)|\b(None|True|False|null|true|false|NaN)\b")
TOLD = ("pattern", "expected", "expected_tags", "ge", "le", "min_length", "max_length", "field_type")
LATIN = re.compile(r"[A-Za-z_]{2,}")


def schema_of(node: dict[str, Any]) -> dict[str, Any]:
    return contract()["components"]["schemas"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def bad(node: dict[str, Any]) -> Iterator[Any]:
    """Give input that a schema refuses, each of its fields in turn, and junk that some field might take."""
    schema = schema_of(node)
    kinds = [each for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if each != {"type": "null"}]
    yield from () if kinds else JUNK
    for each in kinds:
        yield from bad(each)
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "minLength" in schema:
        yield "я" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "я" * (schema["maxLength"] + 1)
    if "items" in schema:
        yield [1] * (schema.get("maxItems", 0) + 1)
        yield from ([value] for value in bad(schema["items"]))
    members = schema.get("properties", {})
    whole = (schema.get("examples") or [{}])[0]
    tags = {name: below["const"] for name, below in members.items() if "const" in below}
    for name, below in members.items():
        for value in bad(below):
            yield {**whole, **tags, name: value}


def parameters(dependant: Dependant) -> Iterator[Any]:
    yield from (*dependant.path_params, *dependant.query_params, *dependant.header_params)
    for below in dependant.dependencies:
        yield from parameters(below)


@cache
def shop() -> FastAPI:
    settings = Settings.model_construct(**main._defaults())
    return main.create_app(settings, async_sessionmaker(), SystemClock(), None)


def refusals() -> Iterator[dict[str, Any]]:
    """Validate bad input for every parameter and every body as the endpoints do."""
    for context in iter_route_contexts(shop().routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            continue
        for parameter in parameters(route.dependant):
            for value in JUNK:
                yield from parameter.validate(value, loc=("query", parameter.alias))[1]
        operations = contract()["paths"].get(context.path_format, {})
        for method in context.methods or ():
            body = operations.get(method.lower(), {}).get("requestBody")
            if route.body_field is None or body is None:
                continue
            for content in body["content"].values():
                for value in bad(content["schema"]):
                    yield from route.body_field.validate(value, loc=("body",))[1]


@cache
def told() -> dict[tuple[str, str], tuple[str, str]]:
    """Collect what is told of each kind of fault, in both languages, by its kind and context."""
    found = {}
    for error in refusals():
        context = error.get("ctx", {})
        key = (error["type"], "".join(str(context.get(name, "")) for name in TOLD))
        if key not in found:
            found[key] = (explain(error, Language.BG), explain(error, Language.EN))
    return found


def test_e3_no_text_shows_a_person_a_regex_quotes_of_python_or_a_value_of_json() -> None:
    assert len(told()) > 150
    assert {kind for kind, _ in told()} >= {"missing", "string_pattern_mismatch", "enum", "literal_error", "too_short"}
    assert not [texts for texts in told().values() if any(SIGNS.search(text) for text in texts)]


def test_e3_each_text_is_there_in_both_languages() -> None:
    for (kind, _), (bg, en) in told().items():
        assert re.match("[А-Я]", bg), kind
        assert re.match("[A-Z]", en), kind
        assert not re.search("[А-Яа-я]", en), en
        assert not re.search("Input|String|Value|dictionary|JSON|UUID", f"{bg} {en}"), (bg, en)
        assert "{" not in bg + en


def test_e3_a_bulgarian_text_has_no_english_words() -> None:
    examples = re.compile(
        r"ION-H-SOFT-2|orders\.first_name|read_order_as_staff|2026-11-23T\S+|www\.|Speedy|I-Cash|SMS|Viber|IP"
    )
    for (kind, _), (bg, _en) in told().items():
        if not bg.startswith("Изберете едно от: "):  # among values that the staff alone may choose
            assert not LATIN.search(examples.sub("", bg)), (kind, bg)


def test_e3_a_choice_is_named_as_a_person_is_shown_it() -> None:
    texts = {texts for (kind, _), texts in told().items() if kind in {"enum", "literal_error", "union_tag_invalid"}}
    payments = ("Изберете „Наложен платеж“ или „Банков превод“", "Choose “Cash on delivery” or “Bank transfer”")
    assert payments in texts
    assert ("Изберете „Български“ или „Английски“", "Choose “Bulgarian” or “English”") in texts


def test_e3_a_choice_of_several_types_is_named_by_the_nearest() -> None:
    """`granted`, `refused` are a request's outcomes and its states too."""
    texts = {texts for (kind, _), texts in told().items() if kind in {"enum", "literal_error"}}
    granted = "Изберете „уважено“, „уважено частично“ или „отказано с мотиви“"
    assert (granted, "Choose “granted”, “granted in part” or “refused with reasons”") in texts
    offered = [re.findall("[„“][^„“”]+[“”]", text) for both in texts for text in both]
    assert not [each for each in offered if len(each) > len({*each})], "two choices of one name"


def test_e3_a_text_counts_in_the_right_plural() -> None:
    texts = {text for both in told().values() for text in both}
    assert {"Попълнете това поле", "Fill in this field", "Най-много 50 знака", "At most 50 characters"} <= texts
    assert not [text for text in texts if re.search(r"\b1 (знака|characters)\b|(?<!\d)[02-9]\d* знак\b", text)]
    too_long = {"type": "string_too_long", "ctx": {"max_length": 1}, "msg": ""}
    assert explain(too_long, Language.BG) == "Най-много 1 знак"
    assert explain(too_long, Language.EN) == "At most 1 character"


def test_e3_each_pattern_of_a_request_has_words() -> None:
    texts = {texts for (kind, _), texts in told().items() if kind == "string_pattern_mismatch"}
    assert texts <= {(words.bg, words.en) for words in SHAPES.values()}
    assert len(texts) > 15


def test_e3_each_fault_that_the_shop_itself_finds_has_its_bulgarian() -> None:
    raised = {
        node.args[0].value
        for file in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "PydanticCustomError"
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised == set(BULGARIAN)


@pytest.mark.parametrize("language", list(Language))
def test_e3_a_secret_that_is_too_long_counts_characters(language: Language) -> None:
    error = {"type": "too_long", "ctx": {"field_type": "Value", "max_length": 64}, "msg": ""}
    assert explain(error, language) == {"bg": "Най-много 64 знака", "en": "At most 64 characters"}[language]


def test_e3_no_refusal_shows_a_person_a_list_or_a_name_of_the_code() -> None:
    assert contract()  # all of the shop is imported
    kinds: list[type[ShopError]] = [ShopError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        for language in Language if kind.example else ():
            said = kind.advise(language, kind.example)
            assert not re.search(r"[\[\]{}]|(?<!\w)'|\(missing\)", said), said
            named = {*re.findall(r"[a-z]+_[a-z_]+", said)}
            assert not {name for name in named if not name.startswith("cl_")}, said
