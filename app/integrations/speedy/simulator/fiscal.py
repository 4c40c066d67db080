"""Fiscal receipt lines that Speedy prints for the shop: their rules."""

from app.integrations.speedy.simulator.forms import FiscalItem
from app.integrations.speedy.simulator.refusals import invalid, missing, require_length

COD = 410
GROUPS = frozenset("АБГ")  # Cyrillic letters; their Latin twins are other characters


def check_fiscal_items(items: list[FiscalItem]) -> None:
    for number, item in enumerate(items):
        component = f"$.service.additionalServices.cod.fiscalReceiptItems[{number}]"
        if not item.description:
            raise missing(f"{component}.description", COD)
        require_length(item.description, 50, f"{component}.description", COD)
        if item.vat_group not in GROUPS:
            raise invalid(f"{component}.vatGroup", COD)
        if item.amount is None or item.amount <= 0:
            raise invalid(f"{component}.amount", COD)
        if item.amount_with_vat is None or item.amount_with_vat < item.amount:
            raise invalid(f"{component}.amountWithVat", COD)
