"""Proves a series to an inspector: what was checked, signed by the shop's key, on one page."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.auth.keys import KeyRing
from app.core.clock import SOFIA
from app.invoices.numbering import SERIES, SeriesKey
from app.invoices.verifying import SeriesProof
from app.mail.writing import Trader
from app.privacy.papers import Table, draw_tables

KIND = "series-proof+jwt"
LINE = 64
Sign = Callable[[dict[str, Any]], str]


def statement(proof: SeriesProof, seller_eik: str, *, at: datetime) -> dict[str, Any]:
    """Say what was found, as JSON values; this is what is signed."""
    said = {name: value for name, value in asdict(proof).items() if name not in {"untold", "files"}}
    return {
        **said,
        "first_on": proof.first_on and proof.first_on.isoformat(),
        "last_on": proof.last_on and proof.last_on.isoformat(),
        "seller": seller_eik,
        "checked_at": at.isoformat(),
    }


def signer(keys: KeyRing) -> Sign:
    """Sign with the key that also signs tokens; it is published at /.well-known/jwks.json (RFC 7515)."""
    return lambda claims: keys.sign(claims, KIND)


async def draw_proof(proof: SeriesProof, signature: str, trader: Trader, *, at: datetime) -> bytes:
    """Draw the page: the facts, the signature in lines that can be copied, and where the key is."""
    made = at.astimezone(SOFIA)
    period = f"{proof.first_on:%d.%m.%Y} – {proof.last_on:%d.%m.%Y}" if proof.first_on and proof.last_on else "—"
    facts = [
        ("Поредица", f"{SERIES[SeriesKey(proof.key)]} ({proof.key})"),
        ("Номера", f"{proof.first:010d} – {proof.last:010d}"),
        ("Издадени документи", proof.issued),
        ("от тях анулирани", proof.annulled),
        ("от тях изтекъл срок за съхранение", proof.retired),
        ("Дати", period),
        ("Хеш на последния документ (SHA-256)", proof.head or "—"),
        ("Хеш на всички файлове (SHA-256)", proof.files_sha256),
        ("Установени нередности", len(proof.faults) + proof.untold),
        *(("", fault) for fault in proof.faults),
    ]
    verdict = (
        "Номерата са последователни, без пропуски и повторения; датите не се връщат назад; всеки документ е свързан с"
        " предходния и не е променян след издаването си."
        if proof.is_sound
        else "Проверката установи нередности: вижте по-долу."
    )
    rows = [(signature[start : start + LINE],) for start in range(0, len(signature), LINE)]
    return await draw_tables(
        Table(("Факт", "Стойност"), facts, widths=(4, 8)),
        Table(("Подпис (JSON Web Signature, ES256)",), rows),
        title="Доказателство за целостта на поредица от документи",
        trader=trader,
        paragraphs=[
            f"Проверено на {made:%d.%m.%Y, %H:%M:%S} ч. {verdict}",
            "Подписът обхваща изброените факти и се проверява с публичния ключ на магазина: /.well-known/jwks.json.",
            "Подпис на отговорното лице: ______________________",
        ],
        wide=False,
    )
