"""All pages of the shop, and how a refusal is answered on them."""

from fastapi import FastAPI, Request

from app.core import problems
from app.core.language import Language, preferred
from app.pages import files, opened_orders, order_pages, policy_pages, problem_pages, withdrawal
from app.pages.refusing import PageRefused, first_name, refusals, show
from app.pages.rendering import language_of

ROUTERS = (
    files.router,
    problem_pages.router,
    policy_pages.router,
    withdrawal.router,
    order_pages.router,
    opened_orders.router,
)
NAMES = frozenset(router.prefix.strip("/") for router in ROUTERS)
give = refusals(NAMES)


def speaks(request: Request) -> Language:
    """Speak on a page as the page does, elsewhere as the client prefers."""
    if first_name(request) in NAMES:
        return language_of(request)
    return preferred(request.headers.get("accept-language"))


def install(app: FastAPI) -> None:
    """Make the app answer every refusal: as a page where a page was asked for."""
    problems.install(app, give, speaks)
    app.add_exception_handler(PageRefused, show)
