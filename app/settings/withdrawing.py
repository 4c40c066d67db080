"""Settings of withdrawals from a contract."""

from datetime import time
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings


class Withdrawing(BaseSettings):
    """A part of `Settings`."""

    withdrawal_zone: ZoneInfo = Field(
        ZoneInfo("Atlantic/Azores"), description="By whose midnight the last day of withdrawing from a contract ends"
    )
    working_day_ends: time = Field(
        time(17),
        description="In Sofia: by then receipts of withdrawals beyond a mailbox's allowance have gone; "
        "the shop is told of one that still waits",
    )
