"""Pages of the withdrawal from a contract, in two steps, for guests and accounts alike, without a login (чл. 52а ЗЗП).

The first takes the statement, the second shows it and has the one button that makes it. Its key is made with the first
page: whoever presses twice, or loads the answer again, has stated once.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.core.clock import At, legal_date
from app.core.errors import Invalid
from app.fulfilment.withdrawals_api import STATEMENTS, Desk, DeskDep
from app.orders.naming import order_number_in
from app.pages.forms import as_typed, errors_of
from app.pages.opened_orders import cookie_of
from app.pages.refusing import PageRefused
from app.pages.rendering import PageLanguage, language_of, link, render
from app.pages.routing import PageRouter, read_form, require_own_page_or_nobody
from app.pages.withdrawal_form import ADDRESS, facts, form_of, nothing_chosen, stated_in
from app.returns.errors import WithdrawalKeyReused
from app.returns.letters import refund_condition
from app.returns.models import Withdrawal
from app.returns.schemas import StateWithdrawal
from app.returns.service import refund_due_on
from app.returns.texts.api import get_contract_terms
from app.returns.texts.labels import LABELS
from app.returns.texts.terms import write_texts
from app.returns.texts.wording import ORDER_ON_PARCEL

router = PageRouter(ADDRESS, sender=require_own_page_or_nobody)
LONGEST_ORDER = 100
Typed = Annotated[dict[str, str], Depends(read_form)]


@router.get("")
async def start_withdrawal(request: Request, at: At, order: str = "") -> Response:
    """Ask for the statement; the address may name the order, which is looked up nowhere."""
    return await _first_step(request, {"order_number": order[:LONGEST_ORDER]}, at)


@router.get("/start")
@router.get("/confirmation")
async def reopen_withdrawal(request: Request) -> Response:
    """Begin anew where an address of the second step is opened by itself."""
    return RedirectResponse(link(request, ADDRESS), status_code=303)


@router.post("/start")
async def edit_withdrawal(request: Request, typed: Typed, at: At) -> Response:
    """Show the statement to be changed, or what is known of it where an order's page leads here."""
    return await _first_step(request, typed, at)


@router.post("")
async def review_withdrawal(request: Request, typed: Typed, at: At) -> Response:
    """Show the statement whole, with the button that makes it; nothing is stated yet."""
    return _second_step(request, typed, await _read(request, typed, at))


@router.post("/confirmation", dependencies=[STATEMENTS])
async def confirm_withdrawal(request: Request, typed: Typed, desk: DeskDep, language: PageLanguage) -> Response:
    """State it: by the endpoint's own function."""
    statement = await _read(request, typed, desk.at)
    try:
        withdrawal = await _at_page(request, desk, statement).state(statement)
    except Invalid as refused:
        stated = stated_in(typed)
        errors = {as_typed(name, stated): detail for name, detail in errors_of(refused, language).items()}
        raise PageRefused(await _first_step(request, typed, desk.at, errors)) from refused
    except WithdrawalKeyReused as refused:
        # Somebody went back after a statement, and changed it: that is another one, to be confirmed by itself.
        anew = {**typed, "key": str(uuid4())}
        raise PageRefused(_second_step(request, anew, statement, is_another=True)) from refused
    return await _receipt(request, typed, withdrawal, desk)


def _at_page(request: Request, desk: Desk, statement: StateWithdrawal) -> Desk:
    """Take the language of the page, and the cookie that opens the order where an own page has set it."""
    number = order_number_in(statement.order_number)
    token = request.cookies.get(cookie_of(number)) if number else None
    caller = replace(desk.caller, token=token) if token else desk.caller
    return replace(desk, language=language_of(request), caller=caller)


async def _read(request: Request, typed: Mapping[str, str], at: At) -> StateWithdrawal:
    """Read the statement; what is wrong with it is shown at its fields, with what was typed."""
    form, stated, language = form_of(typed), stated_in(typed), language_of(request)
    errors = nothing_chosen(typed, language)
    try:
        statement = form.read(stated)
    except ValidationError as refused:
        errors |= form.errors(refused, stated, language)
    if errors:
        raise PageRefused(await _first_step(request, typed, at, errors))
    return statement


async def _first_step(
    request: Request, typed: Mapping[str, str], at: At, errors: Mapping[str, str] | None = None
) -> Response:
    language, typed = language_of(request), {"key": str(uuid4()), **typed}
    return render(
        request,
        "withdrawal.html",
        status=422 if errors else 200,
        typed=typed,
        form=form_of(typed).shown(language, typed, errors),
        claims_years=request.app.state.claims_years,
        **await _words(request, at),
    )


def _second_step(
    request: Request, typed: Mapping[str, str], statement: StateWithdrawal, *, is_another: bool = False
) -> Response:
    return render(
        request,
        "withdrawal_review.html",
        status=422 if is_another else 200,
        typed=typed,
        facts=facts(statement, typed, language_of(request)),
        labels=LABELS,
        is_another=is_another,
    )


async def _receipt(request: Request, typed: Mapping[str, str], stated: Withdrawal, desk: Desk) -> Response:
    return render(
        request,
        "withdrawal_receipt.html",
        status=201,
        typed=typed,
        stated=stated,
        facts=facts(stated, typed, language_of(request)),
        refund_condition=refund_condition(refund_due_on(stated.stated_at), language_of(request)),
        order_on_parcel=ORDER_ON_PARCEL.in_(language_of(request)),
        **await _words(request, desk.at),
    )


async def _words(request: Request, at: At) -> dict[str, Any]:
    terms = await get_contract_terms(request)
    texts = write_texts(terms, language_of(request), on=legal_date(at))
    return {"labels": LABELS, "texts": {key.value: words for key, words in texts.items()}}
