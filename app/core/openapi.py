"""The contract: what the generated description of the API is given beside the code's own words."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.core.problems import MEDIA_TYPE, Problem

VERSION = "1.0.0"
DESCRIPTION = """
Shop for ionic toothbrushes: catalogue, cart, checkout with a privacy declaration, documents, courier and accounting.

Amounts are euro, as text with two decimals. Moments are UTC, legal dates are dates in Bulgaria. Refusals are
`application/problem+json` (RFC 9457); their `type` is stable, their text is Bulgarian or English by `Accept-Language`.
Lists go on at `next_cursor`. Fields that are not described are refused.
""".strip()
TAGS = [
    {"name": "catalog", "description": "Products and prices."},
    {"name": "privacy", "description": "Declarations, policies, recipients of personal data."},
    {"name": "cart", "description": "What somebody means to buy."},
    {"name": "checkout", "description": "Quote and order."},
    {"name": "order", "description": "One's own order; a guest shows it by `X-Order-Token`."},
    {"name": "auth", "description": "Tokens."},
    {"name": "courier", "description": "The courier's integration; scope `shipments`."},
    {"name": "accounting", "description": "The accountant; scope `accounting`."},
    {"name": "operations", "description": "Health."},
]


def describe(app: FastAPI) -> dict[str, Any]:
    """Generate the description once: FastAPI's own, its validation error replaced by the shop's problem."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=app.openapi_tags,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = schema["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.update(problem.pop("$defs"))
    components["Problem"] = problem
    for path in schema["paths"].values():
        for operation in path.values():
            _replace_validation_error(operation["responses"])
    app.openapi_schema = schema
    return schema


def _replace_validation_error(responses: dict[str, Any]) -> None:
    content = responses.get("422", {}).get("content", {})
    if content.pop("application/json", None) is not None and MEDIA_TYPE not in content:
        content[MEDIA_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}
