"""Forms are the schema of the request: what is typed is read back, and each refusal stands at its field."""

from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import Depends, FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError

from app.core import problems
from app.core.errors import Invalid
from app.core.fields import ONE_LINE, Email, Wish, upto
from app.core.language import Language, Text
from app.core.throttle import TooManyRequests
from app.pages.forms import Form, Input, Label, errors_of, nested
from app.pages.routing import FORM, MOST_FIELDS, PageRouter, read_form
from tests.problems import PUBLIC_URL


class Line(Wish):
    sku: str = Field(max_length=32)
    quantity: int = Field(ge=1, le=99)


class Say(Wish):
    name: Annotated[str, upto(50), ONE_LINE]
    email: Email
    key: UUID
    lines: list[Line] | None = None
    goods: Annotated[str, upto(500)] | None = None


FORM_OF_IT = Form(
    Say,
    {
        "name": Label(Text("Име", "Name"), autocomplete="name"),
        "email": Label(Text("Имейл", "E-mail"), Text("За разписката", "For the receipt"), autocomplete="email"),
        "lines/0/sku": Label(Text("Артикул", "Article")),
        "lines/0/quantity": Label(Text("Брой", "Quantity")),
        "goods": Label(Text("Стоки", "Goods"), rows=3),
        "key": Label(Text("", ""), is_hidden=True),
    },
)
KEY = "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"


def test_inputs_are_as_the_schema_says() -> None:
    shown = FORM_OF_IT.shown(Language.BG, {"name": "Ива <b>"})
    drawn = {each.name: (each.kind, each.is_required, dict(each.attributes)) for each in shown.inputs}
    assert drawn == {
        "name": ("text", True, {"autocomplete": "name", "maxlength": 50}),
        "email": ("email", True, {"autocomplete": "email", "maxlength": 254}),
        "lines/0/sku": ("text", False, {"autocomplete": "off", "maxlength": 32}),
        "lines/0/quantity": ("number", False, {"autocomplete": "off", "min": 1, "max": 99}),
        "goods": ("textarea", False, {"autocomplete": "off", "maxlength": 500}),
        "key": ("hidden", True, {"autocomplete": "off"}),
    }
    [name, email, *_] = shown.inputs
    assert (name.value, name.label, email.hint) == ("Ива <b>", "Име", "За разписката")
    assert shown.errors == []


def test_what_was_typed_is_read_back() -> None:
    typed = {
        "name": " Ива ",
        "email": "iva@example.bg",
        "key": KEY,
        "goods": "  ",
        "lines/1/sku": "B",
        "lines/1/quantity": "2",
        "lines/0/sku": "A",
        "lines/0/quantity": "1",
    }
    read = FORM_OF_IT.read(typed)
    assert read == Say(
        name="Ива",
        email="iva@example.bg",
        key=UUID(KEY),
        lines=[Line(sku="A", quantity=1), Line(sku="B", quantity=2)],
    )
    assert nested({"lines/0/sku": "", "goods": ""}) == {}, "empty is left out"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            Language.BG,
            {
                "name": "Попълнете това поле",
                "email": "Не е адрес на електронна поща",
                "lines/0/quantity": "Най-много 99",
                "key": "Номерът не е цял или е сгрешен: копирайте го отново",
                "more": "Непознато поле; не се приема",
            },
        ),
        (
            Language.EN,
            {
                "name": "Fill in this field",
                "email": "Not an e-mail address",
                "lines/0/quantity": "At most 99",
                "more": "Unknown field; it is not accepted",
            },
        ),
    ],
)
def test_each_refusal_stands_at_its_field(language: Language, told: dict[str, str]) -> None:
    typed = {"email": "iva", "lines/0/sku": "A", "lines/0/quantity": "100", "key": "x", "more": "1"}
    with pytest.raises(ValidationError) as refused:
        FORM_OF_IT.read(typed)
    errors = FORM_OF_IT.errors(refused.value, typed, language)
    assert told.items() <= errors.items()
    assert errors.keys() == {"name", "email", "lines/0/quantity", "key", "more"}
    shown = FORM_OF_IT.shown(language, typed, errors)
    assert [error.field for error in shown.errors][:3] == ["name", "email", "lines-0-quantity"]
    quantity: Input = next(each for each in shown.inputs if each.name == "lines/0/quantity")
    assert (quantity.value, quantity.error) == ("100", told["lines/0/quantity"])


def test_a_refusal_stands_at_the_number_of_the_form_where_a_gap_closed() -> None:
    typed = {"lines/2/sku": "A", "lines/2/quantity": "1", "lines/10/sku": "B", "lines/10/quantity": "1,5"}
    with pytest.raises(ValidationError) as refused:
        FORM_OF_IT.read(typed)
    told = FORM_OF_IT.errors(refused.value, typed, Language.EN)
    assert told["lines/10/quantity"].startswith("Must be a whole number")
    assert told.keys() == {"name", "email", "key", "lines/10/quantity"}


def test_a_refusal_of_the_service_stands_where_it_points_else_before_all() -> None:
    pointed = Invalid(errors=[{"pointer": "/email", "detail": "Липсва"}])
    assert errors_of(pointed, Language.BG) == {"email": "Липсва"}
    assert errors_of(TooManyRequests(retry_after=5), Language.BG) == {"": "Опитайте отново след 5 секунди."}


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, "name=%D0%98%D0%B2%D0%B0&goods=", 200),
        (f"{FORM}; charset=UTF-8", "name=a+b", 200),
        (FORM, "", 200),
        ("application/json", "{}", 400),
        ("multipart/form-data; boundary=x", "--x--", 400),
        (FORM, "name=a&name=b", 400),
        (FORM, "name=%FF", 400),
        (FORM, "Ива=1", 400),
        (FORM, "name", 400),
        (FORM, "&".join(f"field{number}=1" for number in range(MOST_FIELDS + 1)), 400),
        (FORM, "x" * 101 + "=1", 400),
        (FORM, "/".join("abcde") + "=1", 400),
    ],
)
async def test_a_form_that_no_page_of_ours_sends_is_refused(kind: str, body: str, status: int) -> None:
    app, router = FastAPI(), PageRouter("/form")
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    app.state.origins = frozenset()

    @router.post("")
    async def show(typed: Annotated[dict[str, str], Depends(read_form)]) -> Response:
        return JSONResponse(typed)

    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as http:
        answer = await http.post("/form", content=body.encode(), headers={"Content-Type": kind})
        assert answer.status_code == status, answer.text
        elsewhere = await http.post(
            "/form", content=b"a=b", headers={"Content-Type": kind, "Sec-Fetch-Site": "cross-site"}
        )
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "page-elsewhere")
