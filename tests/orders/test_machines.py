"""The statuses of orders, payments and shipments: each can be reached, no way is open but those that are listed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ShopError
from app.core.ids import uuid7
from app.core.language import Language
from app.core.money import Money
from app.orders import states as orders
from app.orders.models import Order, OrderEvent, OrderStatus
from app.payments import service as payments
from app.payments.models import Payment, PaymentStatus
from app.shipping import states as shipping
from app.shipping.models import Shipment, ShipmentStatus
from tests.problems import of_kind

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
Ways = Mapping[Any, frozenset[Any]]
MACHINES: list[tuple[Ways, list[Any]]] = [
    (orders.NEXT, [OrderStatus.PLACED, OrderStatus.CONFIRMED]),
    (payments.NEXT, [PaymentStatus.AWAITED]),
    (shipping.NEXT, [ShipmentStatus.WAITING]),
]


@pytest.mark.parametrize(("ways", "begins"), MACHINES)
def test_every_status_is_listed_and_can_be_reached(ways: Ways, begins: list[Any]) -> None:
    statuses: type[StrEnum] = type(begins[0])
    assert set(ways) == set(statuses)
    reached = set(begins)
    while following := {to for status in reached for to in ways[status]} - reached:
        reached |= following
    assert reached == set(ways)


@pytest.mark.parametrize(("ways", "begins"), MACHINES)
def test_no_way_leads_back(ways: Ways, begins: list[Any]) -> None:
    """What was cancelled, paid or delivered does not become what it was before."""
    for status in ways:
        after: set[Any] = set(ways[status])
        while following := {to for reached in after for to in ways[reached]} - after:
            after |= following
        assert status not in after


def move_order(order: Order, to: OrderStatus) -> list[OrderEvent]:
    session = AsyncSession()
    orders.move(session, order, to, at=AT, by=orders.Actor.STAFF)
    return [event for event in session.new if isinstance(event, OrderEvent)]


@given(st.sampled_from(OrderStatus), st.lists(st.sampled_from(OrderStatus), max_size=12))
def test_an_order_goes_only_the_ways_listed_and_each_step_is_recorded(
    status: OrderStatus, wishes: list[OrderStatus]
) -> None:
    order = Order(id=uuid7(), status=status)
    for to in wishes:
        was = order.status
        if to in orders.NEXT[was]:
            (event,) = move_order(order, to)
            assert order.status is to
            assert (event.order_id, event.status, event.at, event.by) == (order.id, to, AT, "staff")
        else:
            with pytest.raises(orders.OrderCannotMove) as refused:
                move_order(order, to)
            assert order.status is was
            assert refused.value.document(Language.EN) == {
                **of_kind("order-cannot-move", ""),
                "title": "Order cannot move there",
                "status": 409,
                "detail": f"Its status is “{orders.STATUSES[was].en}”.",
                "order_status": was.value,
                "allowed": sorted(orders.NEXT[was]),
            }
            assert refused.value.document(Language.BG)["detail"] == f"Състоянието ѝ е „{orders.STATUSES[was].bg}“."


@given(st.lists(st.sampled_from(ShipmentStatus), max_size=12))
def test_a_shipment_goes_only_the_ways_listed(wishes: list[ShipmentStatus]) -> None:
    shipment = Shipment(status=ShipmentStatus.WAITING)
    for to in wishes:
        was = shipment.status
        if to in shipping.NEXT[was]:
            shipping.move(shipment, to)
            assert shipment.status is to
        else:
            with pytest.raises(shipping.ShipmentCannotMove):
                shipping.move(shipment, to)
            assert shipment.status is was


@given(st.lists(st.sampled_from(["receive", "void"]), max_size=6))
def test_a_payment_is_decided_once(wishes: list[str]) -> None:
    payment = Payment(status=PaymentStatus.AWAITED, amount=Money(3079))
    decided = None
    for wish in wishes:
        try:
            if wish == "void":
                payments.void(payment)
            else:
                payments.receive(payment, let_off=Money.ZERO, reference="Петрова", paid_on=AT.date(), at=AT)
        except ShopError:
            assert decided
        else:
            assert decided is None
            decided = PaymentStatus.VOID if wish == "void" else PaymentStatus.RECEIVED
        assert payment.status is (decided or PaymentStatus.AWAITED)
        assert (payment.received_at is not None) is (decided is PaymentStatus.RECEIVED)
