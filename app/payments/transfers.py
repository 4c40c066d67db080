"""How a transfer is written: the fields that a bank's app fills in from a QR code (EPC069-12, version 2)."""

from dataclasses import dataclass
from functools import lru_cache

import segno

from app.core.money import Money

LONGEST_NAME = 70
UTF_8 = "1"


@dataclass(frozen=True, slots=True)
class Payee:
    """To whom transfers go."""

    name: str
    iban: str
    bic: str | None


def transfer_code(payee: Payee, amount: Money, reference: str) -> str:
    """Write the content of the code, line by line; the reference is free text, as no creditor's reference is used."""
    purpose = creditor_reference = ""
    lines = (
        *("BCD", "002", UTF_8, "SCT"),
        *(payee.bic or "", payee.name[:LONGEST_NAME], payee.iban, f"EUR{amount.decimal:.2f}"),
        *(purpose, creditor_reference, reference),
    )
    return "\n".join(lines)


@lru_cache(maxsize=256)
def drawn(code: str) -> str:
    """Draw it as SVG, at level M as the guideline asks; kept, because a page that is loaded again shows it again."""
    qr = segno.make_qr(code, error="m", boost_error=False, encoding="utf-8", eci=False)
    return qr.svg_inline(border=4, omitsize=True)
