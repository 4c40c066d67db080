"""What the simulated Speedy does for each call, once the login is checked."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from app.core.clock import Clock
from app.integrations.speedy.simulator import answers, forms, parties, places, tracking
from app.integrations.speedy.simulator.conduct import LOGGED_CLIENT, Conduct, UnknownParcels
from app.integrations.speedy.simulator.label import print_labels
from app.integrations.speedy.simulator.refusals import Refusal, invalid, missing, require_length
from app.integrations.speedy.simulator.rules import check_create, collected, pickup_date, weights
from app.integrations.speedy.simulator.shipments import Register, Shipment, State

Body = dict[str, Any]
TRACKED_AT_ONCE = 10


class Desk:
    def __init__(self, register: Register, conduct: Conduct, clock: Clock, monotonic: Callable[[], float]) -> None:
        self.register = register
        self.conduct = conduct
        self._clock = clock
        self._monotonic = monotonic
        self._tracked_at: deque[float] = deque()
        self._orders = 700_000_000

    def create(self, body: Body) -> Body:
        wish = forms.read(forms.Create, body)
        check_create(wish, self.conduct)
        assert wish.service is not None
        assert wish.content is not None
        at = self._clock.now()
        cod = wish.service.additional_services.cod if wish.service.additional_services else None
        number = self.register.next_number()
        shipment = Shipment(
            id=number,
            parcel_ids=(number, *(f"{number}{part:02d}0" for part in range(2, len(weights(wish.content)) + 1))),
            wish=wish,
            state=State.CREATED,
            created_at=at,
            pickup_on=pickup_date(wish.service, at, self.conduct.last_pickup_hour),
            collected=None if cod is None or self.conduct.drop_cash_on_delivery else collected(cod),
            operations=(tracking.operation(tracking.DATA_RECEIVED, at),),
        )
        self.register.keep(shipment)
        return answers.booked(shipment, self.conduct)

    def cancel(self, body: Body) -> Body:
        wish = forms.read(forms.Cancel, body)
        if not wish.shipment_id:
            return {}
        if not wish.comment:
            raise missing("$.comment")
        require_length(wish.comment, 1024, "$.comment", 1)
        shipment = self._known(wish.shipment_id)
        if shipment.state is not State.CREATED:
            raise Refusal(
                1,
                "sim.shipment.not-cancellable",
                "Пратката е приета и не може да бъде анулирана",
                "The shipment is accepted and cannot be cancelled",
            )
        scan = tracking.operation(tracking.CANCELLED, self._clock.now(), self.conduct.cancellation_seconds)
        operations = (*shipment.operations, scan)
        self.register.keep(shipment.model_copy(update={"state": State.CANCELLED, "operations": operations}))
        return {}

    def _known(self, number: str) -> Shipment:
        shipment = self.register.find(number)
        if shipment is None:
            raise Refusal(1, "sim.shipment.not-found", "Няма такава пратка", f"Shipment {number} not found")
        return shipment

    def info(self, body: Body) -> Body:
        numbers = forms.read(forms.Info, body).shipment_ids
        return {"shipments": [answers.told_in_full(self._known(number), self.conduct) for number in numbers]}

    def search(self, body: Body) -> Body:
        wish = forms.read(forms.Search, body)
        if not wish.ref:
            raise missing("$.ref")
        if wish.search_in_ref not in {0, 1, 2}:
            raise invalid("$.searchInRef")
        shown_until = self._clock.now() - timedelta(seconds=self.conduct.indexing_seconds)
        found = [
            shipment.id
            for shipment in self.register.find_by_reference(wish.ref)
            if wish.ref in _references(shipment, wish.search_in_ref)
            and shipment.created_at <= shown_until
            and (self.conduct.search_shows_cancelled or shipment.state is not State.CANCELLED)
        ]
        return {"barcodes": found}

    def print(self, body: Body) -> bytes:
        wish = forms.read(forms.Print, body)
        if wish.paper_size is None:
            raise Refusal(1, "sim.paperSize.required", "Очаква се размер на хартията", "Print paper size expected")
        if wish.format == "zpl" and wish.paper_size != "A6":
            raise invalid("$.format")
        if not wish.parcels:
            raise missing("$.parcels")
        printed = []
        for row in wish.parcels:
            wanted = row.parcel or row.parcel_id
            parcel_id = wanted.id if wanted else None
            shipment = self.register.find_by_parcel(parcel_id)
            if parcel_id is None or shipment is None or shipment.state is State.CANCELLED:
                raise Refusal(
                    1, "sim.parcel.not-found", f"Пратка {parcel_id} не е намерена", f"Parcel {parcel_id} not found"
                )
            printed.append((parcel_id, shipment))
        return b"^XA^XZ" if wish.format == "zpl" else print_labels(printed)

    def track(self, body: Body) -> Body:
        wish = forms.read(forms.Track, body)
        if len(wish.parcels) > TRACKED_AT_ONCE:
            raise Refusal(1, "sim.track.parcels.limit", "Най-много 10 пратки", "At most 10 parcels", "$.parcels")
        self._limit_tracking()
        told = [row for wanted in wish.parcels for row in self._tracked(wanted)]
        return {"parcels": told[::-1]}  # never in the order asked for

    def _limit_tracking(self) -> None:
        now = self._monotonic()
        while self._tracked_at and self._tracked_at[0] <= now - 1:
            self._tracked_at.popleft()
        if len(self._tracked_at) >= self.conduct.tracks_per_second:
            context = "method_threshold.too_many_requests.tracking.second"
            raise Refusal(1, context, "Твърде много заявки", "Too many requests")
        self._tracked_at.append(now)

    def _tracked(self, wanted: forms.ParcelRef) -> list[Body]:
        at = self._clock.now()
        if wanted.ref is not None:
            return [tracking.tracked(found, found.id, at) for found in self.register.find_by_reference(wanted.ref)]
        shipment = self.register.find_by_parcel(wanted.id)
        if shipment is not None and wanted.id is not None:
            return [tracking.tracked(shipment, wanted.id, at)]
        if self.conduct.unknown_parcels is UnknownParcels.LEFT_OUT:
            return []
        error = Refusal(1, "sim.parcel.not-found", "Няма такава пратка", "No such parcel").error("BG", "EE0")
        return [{"parcelId": wanted.id, "operations": [], "error": error}]

    def pickup(self, body: Body) -> Body:
        wish = forms.read(forms.Pickup, body)
        if not wish.visit_end_time:
            raise missing("$.visitEndTime")
        shipments = [self._known(number) for number in wish.explicit_shipment_id_list]
        if any(shipment.state is not State.CREATED for shipment in shipments):
            raise Refusal(1, "consignments.consignment_is_ordered", "Пратката е заявена", "Consignment is ordered")
        for shipment in shipments:
            self.register.keep(shipment.model_copy(update={"state": State.ORDERED}))
        self._orders += 1
        return {"orders": [{"id": self._orders, "shipmentIds": [shipment.id for shipment in shipments]}]}

    def client(self, _body: Body) -> Body:
        return {"clientId": LOGGED_CLIENT}

    def contract_clients(self, _body: Body) -> Body:
        return {"clients": [{"clientId": number} for number in sorted(self.conduct.contract_clients)]}

    def contract(self, _body: Body) -> Body:
        cash = {
            "moneyTransferAllowed": self.conduct.money_transfer_allowed,
            "codFiscalReceiptAllowed": self.conduct.fiscal_receipts_allowed,
            "hasCODAnnex": True,
        }
        return {"id": 1, "administrativeFeeAllowed": False, "cod": cash}

    def validate_address(self, body: Body) -> Body:
        address = forms.read(forms.ValidateAddress, body).address
        if address is None:
            raise missing("$.address")
        try:
            parties.check_address(address)
        except Refusal:
            return {"valid": False}
        return {"valid": True}

    def countries(self, body: Body) -> Body:
        return {"countries": places.countries(forms.read(forms.Places, body), self.conduct)}

    def sites(self, body: Body) -> Body:
        wanted = forms.read(forms.Places, body)
        if wanted.country_id is None:
            raise missing("$.countryId")
        return {"sites": places.sites(wanted)}

    def offices(self, body: Body) -> Body:
        return {"offices": places.offices(forms.read(forms.Places, body))}

    def country(self, number: int) -> Body:
        return {"country": places.country(number, self.conduct)}

    def office(self, number: int) -> Body:
        return {"office": places.office(number)}

    def now(self) -> datetime:
        return self._clock.now()


def _references(shipment: Shipment, where: int | None) -> set[str | None]:
    first, second = {shipment.wish.ref1}, {shipment.wish.ref2}
    return {1: first, 2: second}.get(where or 0, first | second)
