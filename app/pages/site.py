"""All pages of the shop, and how a refusal is answered on them."""

from fastapi import FastAPI

from app.core import problems
from app.pages import files, opened_orders, order_pages, policy_pages, problem_pages, withdrawal
from app.pages.refusing import PageRefused, refusals, show

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


def install(app: FastAPI) -> None:
    """Make the app answer every refusal: as a page where a page was asked for."""
    problems.install(app, give)
    app.add_exception_handler(PageRefused, show)
