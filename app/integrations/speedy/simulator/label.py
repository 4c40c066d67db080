"""Labels: real PDF pages in A6, with a barcode that scans."""

from decimal import Decimal

from app.core.clock import SOFIA
from app.integrations.speedy.simulator import pdf
from app.integrations.speedy.simulator.answers import address_line
from app.integrations.speedy.simulator.barcode import bars
from app.integrations.speedy.simulator.places import OFFICES
from app.integrations.speedy.simulator.rules import weights
from app.integrations.speedy.simulator.shipments import Shipment

MARGIN = 18.0
LINE = 38
"""Letters that fit beside each other in the small type."""


def print_labels(parcels: list[tuple[str, Shipment]]) -> bytes:
    return pdf.document([_label(parcel_id, shipment) for parcel_id, shipment in parcels])


def _label(parcel_id: str, shipment: Shipment) -> pdf.Page:
    page = pdf.Page()
    page.text(MARGIN, 388, 17, "SPEEDY")
    page.text(MARGIN + 112, 388, 8, "СИМУЛАТОР · не е товарителница")
    page.line(MARGIN, 380)
    page.bars(MARGIN, 310, 60, bars(parcel_id), pdf.WIDTH - 2 * MARGIN)
    page.text(MARGIN, 294, 14, parcel_id)
    page.text(MARGIN + 130, 294, 9, f"вземане {shipment.pickup_on:%d.%m.%Y}")
    page.line(MARGIN, 284)
    height = 282.0
    for size, text in _lines(shipment):
        height -= 1.6 * size
        page.text(MARGIN, height, size, text)
    page.text(MARGIN, 22, 7, f"Данни приети на {shipment.created_at.astimezone(SOFIA):%d.%m.%Y %H:%M}")
    return page


def _lines(shipment: Shipment) -> list[tuple[int, str]]:
    """Write who receives, where, what and how much is collected, each line with its type size."""
    recipient, content = shipment.wish.recipient, shipment.wish.content
    assert recipient is not None
    assert content is not None
    phone = recipient.phone1.number if recipient.phone1 else ""
    weight = sum(weights(content), start=Decimal(0))
    return [
        (8, "ПОЛУЧАТЕЛ"),
        (15, recipient.client_name or ""),
        (12, phone or ""),
        *((11, line) for line in _wrapped(_place(shipment))),
        (8, "СЪДЪРЖАНИЕ"),
        *((10, line) for line in _wrapped(content.contents or "")[:2]),
        (10, f"Тегло: {weight:.3f} кг"),
        (15, f"Наложен платеж: {shipment.collected:.2f} EUR" if shipment.collected else "Без наложен платеж"),
        (10, f"Реф. 1: {shipment.reference or ''}"),
    ]


def _place(shipment: Shipment) -> str:
    recipient = shipment.wish.recipient
    if recipient and recipient.pickup_office_id in OFFICES:
        office = OFFICES[recipient.pickup_office_id]
        return f"до {'автомат' if office.locker else 'офис'} {office.id}: {office.name}"
    return address_line(recipient.address) if recipient and recipient.address else ""


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= LINE and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:6]
