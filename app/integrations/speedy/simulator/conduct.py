"""How the simulated Speedy behaves: its account, its contract, and what the documentation leaves open."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

LOGGED_CLIENT = 12345678901234
FORMER_CLIENT = 12345678909999
STRANGER = 55555555555555


class UnknownParcels(StrEnum):
    """How `/track` answers for a parcel it does not know; both have been reported."""

    WITH_ERROR = "with_error"
    LEFT_OUT = "left_out"


@dataclass(slots=True)
class Conduct:
    user_name: str = "demo"
    password: str = "demo"  # noqa: S105 - the simulator guards nothing
    contract_clients: set[int] = field(default_factory=lambda: {LOGGED_CLIENT})
    other_clients: set[int] = field(default_factory=lambda: {STRANGER})
    """They exist, but no contract covers them; any other number is unknown or inactive."""
    money_transfer_allowed: bool = True
    fiscal_receipts_allowed: bool = False
    cash_maximum: Decimal = Decimal(5000)
    currency: str = "EUR"
    prices_visible: bool = True
    local_twins: bool = True
    drop_cash_on_delivery: bool = False
    """Ship without collecting the money and say nothing: seen in life."""
    random_fields: bool = False
    """Members that no documentation names, in every answer."""
    indexing_seconds: float = 0.0
    """How long a new shipment stays hidden from the search."""
    search_shows_cancelled: bool = True
    cancellation_seconds: float = 1.0
    """How long a cancellation stays hidden from tracking."""
    tracks_per_second: int = 5
    unknown_parcels: UnknownParcels = UnknownParcels.WITH_ERROR
    malformed_status: int = 400
    last_pickup_hour: int = 17
    """From this hour on a parcel is collected the next working day."""
