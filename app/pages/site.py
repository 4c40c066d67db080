"""All pages of the shop, and how a refusal is answered on them."""

from app.pages import files, problem_pages
from app.pages.refusing import refusals

ROUTERS = (files.router, problem_pages.router)
NAMES = frozenset(router.prefix.strip("/") for router in ROUTERS)
give = refusals(NAMES)
