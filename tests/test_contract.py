"""openapi.yaml is the contract: true to the code, valid, and good enough to generate a client from."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fastapi.routing import APIRoute, iter_route_contexts
from openapi_schema_validator import OAS31Validator, validate
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import main
from app.auth.oauth import FORM
from app.core.errors import ShopError
from app.core.fields import Wish
from app.core.problems import MEDIA_TYPE
from app.pages.routing import PageRoute
from tests.contract import OPERATIONS, contract
from tests.problems import PUBLIC_URL, of_kind
from tests.security.test_matrix import MATRIX
from tests.shop import Shop

ROOT = Path(__file__).parent.parent


@cache
def written() -> dict[str, Any]:
    # By the parser in C: the one in Python takes seconds for a megabyte.
    read: dict[str, Any] = yaml.load((ROOT / "openapi.yaml").read_text(), yaml.CSafeLoader)
    return read


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in contract()["paths"].items():
        assert set(item) <= set(OPERATIONS), path
        for verb, operation in item.items():
            yield f"{verb} {path}", operation


def schemas_within(node: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk every schema that stands anywhere in the contract."""
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from schemas_within(each, f"{where}/{number}")
    elif isinstance(node, dict):
        for name, each in node.items():
            if name == "schema":
                yield f"{where}/schema", each
            if name in {"properties", "schemas"}:
                yield from ((f"{where}/{name}/{key}", below) for key, below in each.items())
            if name not in {"example", "examples"}:
                yield from schemas_within(each, f"{where}/{name}")


def test_the_file_is_what_the_code_says() -> None:
    assert written() == main.contract(), "rewrite it with: make openapi"


def test_it_is_valid_openapi_3_1() -> None:
    assert written()["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(written()).validate()


def test_it_does_not_depend_on_the_environment(monkeypatch: Any) -> None:
    monkeypatch.setenv("SHOP_PUBLIC_URL", "https://elsewhere.example")
    monkeypatch.setenv("SHOP_STOREFRONT_ORIGINS", "https://elsewhere.example")
    assert main.contract() == contract()


def test_operations_are_named_once_and_as_their_functions() -> None:
    named = [operation["operationId"] for _, operation in operations()]
    assert len(named) == len(set(named))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in named)
    defined = {
        node.name
        for file in (ROOT / "app").rglob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    assert set(named) <= defined


def test_the_operations_are_these() -> None:
    """A name that is taken away or changed breaks the clients generated from it."""
    assert {operation["operationId"] for _, operation in operations()} == set(MATRIX)


async def test_every_route_but_those_of_pages_stands_in_it(shop: Shop) -> None:
    routes = {
        (method.lower(), context.path_format)
        for context in iter_route_contexts(shop.app.routes)
        if isinstance(context.original_route, APIRoute) and not isinstance(context.original_route, PageRoute)
        for method in context.methods or ()
    }
    assert routes == {(verb, path) for path, item in contract()["paths"].items() for verb in item}


def test_each_operation_says_what_it_is() -> None:
    tags = {tag["name"] for tag in contract()["tags"]}
    for name, operation in operations():
        assert set(operation["tags"]) <= tags, name
        assert len(operation["tags"]) == 1, name
        assert re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*", operation["summary"]), name
        assert re.search(r"[.)]$", operation["description"]), name
        assert operation["summary"] != operation["description"].rstrip("."), name
        assert any(status.startswith("2") for status in operation["responses"]), name
        assert all(answer["description"] for answer in operation["responses"].values()), name


# The token may come in the cookie; a moment after a login no password is needed; a cart may be empty.
UNNEEDED = {"post /v1/auth/revoke", "delete /v1/me", "post /v1/carts"}


def test_each_body_has_an_example_that_fits() -> None:
    components = contract()["components"]["schemas"]
    bodies = [(name, operation["requestBody"]) for name, operation in operations() if "requestBody" in operation]
    assert bodies
    for name, body in bodies:
        assert body.get("required") or name in UNNEEDED, name
        for content in body["content"].values():
            if content["schema"].get("format") == "binary":
                continue  # a file
            schema = {**content["schema"], "components": contract()["components"]}
            named = components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            examples = named.get("examples") or [named["example"]]
            for example in examples:
                validate(example, schema, cls=OAS31Validator)


def test_each_parameter_says_what_it_is() -> None:
    for name, operation in operations():
        for parameter in operation.get("parameters", []):
            told = parameter.get("description") or "$ref" in parameter["schema"]
            assert told, f"{name}: {parameter['name']} has no description"
            if parameter["in"] == "path" and "$ref" not in parameter["schema"]:
                assert parameter["schema"].get("examples"), f"{name}: {parameter['name']} has no example"


def test_each_refusal_is_a_problem_with_examples() -> None:
    for name, operation in operations():
        for status, answer in operation["responses"].items():
            speaks_oauth = operation["operationId"] in {"issue_token", "revoke_token"}  # RFC 6749 §5.2
            if int(status) < 400 or (speaks_oauth and MEDIA_TYPE not in answer["content"]):
                continue
            assert MEDIA_TYPE in answer["content"], f"{name} {status}"
            content = answer["content"][MEDIA_TYPE]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"
            for slug, example in content["examples"].items():
                assert example["value"] == example["value"] | of_kind(slug, "")
                assert example["value"]["status"] == int(status)


def test_e4_a_problem_names_its_kind_by_an_address_and_a_code_wherever_the_shop_is() -> None:
    problem = contract()["components"]["schemas"]["Problem"]
    assert problem["properties"]["type"]["format"] == "uri-reference"
    assert {"type", "code"} <= set(problem["required"])
    assert PUBLIC_URL not in yaml.safe_dump(contract())


def test_who_is_to_come_again_is_told_when() -> None:
    for name, operation in operations():
        for status in {"429", "503"} & set(operation["responses"]):
            refused = operation["responses"][status]
            assert refused["headers"]["Retry-After"]["schema"] == {"type": "integer", "minimum": 1}, (name, status)
            assert "{" not in yaml.safe_dump([content["examples"] for content in refused["content"].values()]), name


def test_each_problem_listed_is_a_class_of_the_shop() -> None:
    classes: set[str] = set()
    kinds = [ShopError]
    while kinds:
        kind = kinds.pop()
        classes.add(kind.slug())
        kinds.extend(kind.__subclasses__())
    listed = {
        slug
        for _, operation in operations()
        for answer in operation["responses"].values()
        for slug in answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
    }
    assert listed <= classes


def test_failures_are_listed_everywhere_and_limits_wherever_a_body_is_sent() -> None:
    for name, operation in operations():
        assert {"500", "503"} <= set(operation["responses"]), name
        assert ("413" in operation["responses"]) == ("requestBody" in operation), name


def test_nothing_of_the_framework_shows() -> None:
    text = (ROOT / "openapi.yaml").read_text()
    assert "HTTPValidationError" not in text
    assert "ValidationError" not in text


def test_no_schema_is_empty_and_choices_have_names() -> None:
    unnamed = set()
    for where, schema in schemas_within(contract(), ""):
        telling = set(schema) - {"title", "description", "default"}
        assert telling, f"{where} says nothing"
        if len(schema.get("enum", [])) > 1 and "/components/schemas/" not in where:
            unnamed.add(where.rpartition("/")[0])
    # A header's two values need no type of their own, nor do the parameters of a form.
    assert all(where.endswith("/headers/Content-Language") or FORM in where for where in unnamed)


def test_what_is_sent_refuses_unknown_fields() -> None:
    sent = {kind.__name__ for kind in _below(Wish)} & set(contract()["components"]["schemas"])
    assert {"PlaceOrder", "Customer", "Register", "AddressDelivery", "DeclarationWish"} <= sent
    for name in sent:
        assert contract()["components"]["schemas"][name]["additionalProperties"] is False, name


def _below(kind: type[Wish]) -> Iterator[type[Wish]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)
