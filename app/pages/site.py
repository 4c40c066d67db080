"""All pages of the shop, and how a refusal is answered on them."""

from app.pages import files, opened_orders, order_pages, problem_pages
from app.pages.refusing import refusals

ROUTERS = (files.router, problem_pages.router, order_pages.router, opened_orders.router)
NAMES = frozenset(router.prefix.strip("/") for router in ROUTERS)
give = refusals(NAMES)
