"""What the law wants said, for whoever makes the page on which it stands."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from app.catalog.shelf import BilingualRoute
from app.core.clock import At, legal_date
from app.core.conditions import DESCRIBED, conditional_responses
from app.core.errors import Invalid
from app.core.problems import problems
from app.core.routing import Router
from app.returns.texts.schemas import ReadTexts, TextsView
from app.returns.texts.terms import ContractTerms

router = Router(tags=["checkout"], route_class=BilingualRoute)

KEPT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "In both languages",
        "headers": {**DESCRIBED, "Cache-Control": {"schema": {"type": "string"}}},
    },
    **conditional_responses(),
}


async def get_contract_terms(request: Request) -> ContractTerms:
    terms: ContractTerms = request.app.state.contract_terms
    return terms


@router.get("/texts", responses=KEPT | problems(Invalid))
async def read_texts(
    wish: Annotated[ReadTexts, Query()], terms: Annotated[ContractTerms, Depends(get_contract_terms)], at: At
) -> TextsView:
    """Show what has to be said in a place: labels of buttons, withdrawal, guarantee, delivery, in both languages."""
    return TextsView.of(wish.place, terms, on=legal_date(at))
