"""Endpoints of the courier's integration."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from app.auth.errors import InsufficientScope, Unauthenticated
from app.auth.guards import Caller, ShipmentsCaller
from app.core.clock import At
from app.core.conditions import ConditionsDep
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.files import PDF, etag_of, file_responses, pdf_response
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.personal import Ground, Purpose, Recipient
from app.core.problems import problems
from app.core.routing import Router
from app.orders.models import Order
from app.orders.whose import whose_of
from app.privacy.disclosing import HandingOver, Sent, disclose, disclose_file
from app.privacy.errors import AgreementMissing
from app.privacy.models import Handing
from app.privacy.restricting import PersonRestricted
from app.shipping import queries, service
from app.shipping.models import Shipment
from app.shipping.schemas import DestinationView, ParcelRecipientView, ShipmentView
from app.shipping.states import ShipmentCannotMove

router = Router(prefix="/courier/shipments", tags=["courier"])
ShipmentId = Annotated[
    UUID, Path(description="As the list of shipments names it", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"])
]
GUARDED = (Unauthenticated, InsufficientScope, AgreementMissing, PersonRestricted)


def _handing_over(caller: Caller, what: str) -> HandingOver:
    return HandingOver(caller.recipient or Recipient.COURIER, what, Purpose.SALE, Ground.CONTRACT, Handing.PULL)


@router.get("", responses=problems(*GUARDED, CursorUnknown, Invalid))
async def list_shipments(
    caller: ShipmentsCaller, session: SessionDep, at: At, limit: Limit = 50, cursor: Cursor = None
) -> Page[ShipmentView]:
    """List the parcels that are ready and not acknowledged yet, oldest first.

    Each pull without a cursor starts with the oldest again, so nothing is missed that was booked in between.
    """
    after = read_cursor(cursor, datetime.fromisoformat, UUID)
    ready = await queries.list_ready(session, after=(after[0], after[1]) if after else None, limit=limit + 1)
    page = ready[:limit]
    sent = [Sent(order.id, whose_of(order), shipment.id, service.told_of(order)) for shipment, order in page]
    await disclose(session, _handing_over(caller, "shipment"), sent, at=at, actor=caller.actor)
    last = page[-1][0] if len(ready) > limit else None
    return Page(
        items=[_view(shipment, order) for shipment, order in page],
        next_cursor=write_cursor(last.booked_at, last.id) if last else None,
    )


@router.post(
    "/{shipment_id}/acknowledgement",
    status_code=204,
    response_class=Response,
    responses=problems(*GUARDED, NotFound, ShipmentCannotMove, Invalid),
)
async def acknowledge_shipment(shipment_id: ShipmentId, caller: ShipmentsCaller, session: SessionDep, at: At) -> None:  # noqa: ARG001 - the guard is the argument
    """Say that the courier's system has the parcel; it is not listed again. A repetition changes nothing."""
    await service.acknowledge(session, shipment_id, at=at)


@router.get(
    "/{shipment_id}/label.pdf",
    response_class=Response,
    responses={**file_responses("The label", PDF), **problems(*GUARDED, NotFound, Invalid)},
)
async def download_label(
    shipment_id: ShipmentId, caller: ShipmentsCaller, asked: ConditionsDep, session: SessionDep, at: At
) -> Response:
    """Download the parcel's label as the courier printed it."""
    shipment, order, label = await queries.get_label(session, shipment_id)
    sent, etag = Sent(order.id, whose_of(order), shipment.id, service.told_of(order)), etag_of(label.sha256)
    await disclose_file(session, _handing_over(caller, "label"), sent, etag, asked, at=at, actor=caller.actor)
    return pdf_response(label.pdf, sha256=label.sha256, filename=f"label-{shipment.waybill}.pdf", asked=asked)


def _view(shipment: Shipment, order: Order) -> ShipmentView:
    assert shipment.waybill is not None  # only booked parcels are listed
    assert shipment.booked_at is not None  # as above
    return ShipmentView(
        id=shipment.id,
        waybill=shipment.waybill,
        parcel_ids=shipment.parcel_ids or [],
        order_number=order.reference,
        booked_at=shipment.booked_at,
        pickup_on=shipment.pickup_on,
        recipient=ParcelRecipientView(name=order.person, phone=order.phone),
        destination=DestinationView(
            method=order.delivery_method,
            office_id=order.office_id,
            site_id=order.site_id,
            city=order.city,
            postcode=order.postcode,
            street=order.street,
            street_no=order.street_no,
            block=order.block,
            entrance=order.entrance,
            floor=order.floor,
            apartment=order.apartment,
            note=order.note,
        ),
        weight_grams=shipment.weight_grams,
        cash_on_delivery=shipment.cash_on_delivery,
        label=f"/v1/courier/shipments/{shipment.id}/label.pdf",
    )
