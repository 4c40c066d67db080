"""How the shop stands with Speedy: login, contract, and what Speedy's documentation leaves open."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

URL = "https://api.speedy.bg/v1"


class CashProcessing(StrEnum):
    """How money collected at the door reaches the shop; with a postal money transfer no fiscal receipt is due."""

    POSTAL_MONEY_TRANSFER = "POSTAL_MONEY_TRANSFER"
    CASH = "CASH"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedyAccount:
    user_name: str
    password: SecretStr
    url: str = URL
    language: str = "BG"
    """Of labels and texts; Speedy expects it in every call."""
    service_id: int = 505
    """„Стандарт 24 часа“; contracts differ."""
    cash_processing: CashProcessing = CashProcessing.POSTAL_MONEY_TRANSFER
    client_id: int | None = None
    """The object of our contract that sends; unset: the client who is logged in."""
    dropoff_office_id: int | None = None
    """Where we hand parcels in ourselves; unset: Speedy collects, which is dearer."""
    package: str = "BOX"
    paper_size: str = "A6"
    quiet_period: float = 120.0
    """Seconds after which a reference that cannot be found was surely not booked; the indexing delay is unknown."""
    send_seconds: float = 10.0
    """Until a parcel leaves that was stored as sent; with the time of a command far less than the quiet period: after
    that somebody else may send it."""
    search_attempts: int = 2
    """Empty searches in a row before a reference is sent again."""
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    command_seconds: float = 20.0
    """How long an answer is waited for; a command is a create, a cancellation or a print."""
    read_attempts: int = 3
    pause: float = 1.0
    """Seconds between two attempts of a read; a cancellation shows, and the tracking limit clears, within one."""
    track_interval: float = 0.25
    """Seconds between two batches of tracking: the account is allowed five calls a second."""

    def __post_init__(self) -> None:
        if self.dropoff_office_id is not None and self.client_id is None:
            raise ValueError("Speedy takes a drop-off office only together with the sender's client number")
