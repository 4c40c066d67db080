"""The contract's types tell the truth: what is sent and answered is of them, and so is every example."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from app.core.fields import View, Wish
from tests.contract import contract, faults


def examples(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Walk every example that stands anywhere, with the path of the schema that it is of."""
    if isinstance(node, dict):
        shown = node.get("examples", [])
        for value in shown if isinstance(shown, list) else ():
            yield value, path
        if "schema" in node:
            for each in node["examples"].values() if isinstance(shown, dict) else ():
                yield each["value"], (*path, "schema")
        assert not {"example", "schema"} <= set(node), "written as `examples` everywhere"
        for name, below in node.items():
            if name not in {"example", "examples"}:
                yield from examples(below, (*path, name))
    elif isinstance(node, list):
        for number, below in enumerate(node):
            yield from examples(below, (*path, str(number)))


def test_e4_every_example_satisfies_its_schema() -> None:
    found = [(path, faults(value, *path)) for value, path in examples(contract())]
    assert len(found) > 2000
    assert not [each for each in found if each[1]]


def test_e4_examples_keep_their_nulls() -> None:
    shop = contract()["components"]["schemas"]["RequestView"]
    assert shop["examples"][0]["outcome"] is None


def kinds(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_e3_only_what_may_be_absent_on_the_wire_is_optional_in_an_answer() -> None:
    schemas = contract()["components"]["schemas"]
    described = [kind for kind in kinds(View) if kind.__name__ in schemas]
    assert len(described) > 100
    for kind in described:
        present = {name for name, field in kind.model_fields.items() if field.exclude_if is None}
        present |= set(kind.model_computed_fields)
        assert set(schemas[kind.__name__].get("required", [])) == present, kind
        for name in set(kind.model_fields) - present:
            may_be = schemas[kind.__name__]["properties"][name]
            assert {"type": "null"} not in may_be.get("anyOf", []), "absent rather than null"


def test_e3_what_has_a_default_is_optional_in_a_request() -> None:
    schemas = contract()["components"]["schemas"]
    described = [kind for kind in kinds(Wish) if kind.__name__ in schemas]
    assert len(described) > 50
    for kind in described:
        needed = {name for name, field in kind.model_fields.items() if field.is_required()}
        assert set(schemas[kind.__name__].get("required", [])) == needed, kind
    for path, item in contract()["paths"].items():
        for verb, operation in item.items():
            for parameter in operation.get("parameters", []):
                assert not (parameter["required"] and "default" in parameter["schema"]), (verb, path)


def test_e3_what_is_sent_and_answered_has_a_name_for_each() -> None:
    schemas = contract()["components"]["schemas"]
    assert not [name for name in schemas if "-" in name]
    sent, answered = schemas["AddressDelivery"], schemas["AddressDeliveryView"]
    assert set(sent["required"]) == {"method", "city", "postcode"}
    assert set(answered["required"]) == set(answered["properties"]) == set(sent["properties"])


def test_e3_no_schema_is_named_by_where_its_class_stands() -> None:
    """Two classes of one name would both be: one of them gets a name that says more."""
    assert [name for name in contract()["components"]["schemas"] if "__" in name] == []


def test_e3_an_answer_is_held_to_its_schema_member_by_member() -> None:
    at = ("paths", "/v1/products/{slug}", "get", "responses", "200", "content", "application/json", "schema")
    product = contract()["components"]["schemas"]["ProductView"]["examples"][0]
    assert not faults(product, *at)
    assert faults({**product, "unnamed": 1}, *at)
    assert faults({name: value for name, value in product.items() if name != "slug"}, *at)
    assert faults({**product, "name": None}, *at)


# Not shown: where texts belong, and by what name each is asked for; the answer holds the words themselves.
KEYS = {"LabelKey", "TextKey", "Place"}
NO_SHOPPERS = {"staff", "registers", "courier", "accounting", "operations"}


def named_in(node: Any) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(node)))


def test_e3_each_choice_that_a_shopper_sees_has_words_in_both_languages() -> None:
    schemas, seen = contract()["components"]["schemas"], set[str]()
    operations = [each for item in contract()["paths"].values() for each in item.values()]
    asked = named_in([each for each in operations if not NO_SHOPPERS & {*each["tags"]}])
    while asked:
        seen |= asked
        asked = named_in([schemas[name] for name in asked]) - seen
    choices = {name for name in seen if "enum" in schemas[name]}
    assert {"OrderStatus", "PaymentStatus", "PaymentMethod", "DeliveryMethod", "ShipmentStatus", "Phase"} <= choices
    assert {"Availability", "DocumentKind", "RequestState", "ConsentPurpose", "LineKind"} <= choices
    assert {name for name in choices if "x-enum-words" not in schemas[name]} == KEYS
    for name in choices - KEYS:
        words = schemas[name]["x-enum-words"]
        assert {*words} == {*schemas[name]["enum"]}, name
        for text in words.values():
            assert re.search("[А-Яа-я]", text["bg"]) or text["bg"] in {"SMS", "Viber"}, name
            assert not re.search("[А-Яа-я]", text["en"]), name
            assert "{" not in text["bg"] + text["en"], name


def test_e3_words_of_choices_are_those_of_the_pages() -> None:
    schemas = contract()["components"]["schemas"]
    assert schemas["PaymentMethod"]["x-enum-words"] == {
        "cash_on_delivery": {"bg": "Наложен платеж", "en": "Cash on delivery"},
        "bank_transfer": {"bg": "Банков превод", "en": "Bank transfer"},
    }
    assert schemas["OrderStatus"]["x-enum-words"]["shipped"] == {"bg": "Изпратена", "en": "Sent"}
