"""Until when a contract may be withdrawn from: pure, from the moments of delivery (чл. 50–52 ЗЗП, Dir. 2011/83 Art. 9).

Fourteen days run from the day of the last delivery in Bulgaria, that day not counted, and end with a working day
(Regulation 1182/71). That day ends at the midnight of the shop's setting, the last one in the Union unless it says
otherwise: who withdraws from the Azores late in their evening is in time.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.clock import legal_date
from app.core.working_days import next_working_day

WITHDRAWAL_DAYS = timedelta(days=14)


def ends_at(deliveries: Sequence[datetime | None], zone: ZoneInfo) -> datetime | None:
    """Give the moment from which it is too late; None while the day of a delivery is unknown, or nothing was sent."""
    known = [delivered_at for delivered_at in deliveries if delivered_at is not None]
    if not known or len(known) < len(deliveries):
        return None
    end = next_working_day(legal_date(max(known)) + WITHDRAWAL_DAYS)
    midnight = datetime.combine(end + timedelta(days=1), time.min, zone)
    return midnight.astimezone(UTC)


def last_day(until: datetime, zone: ZoneInfo) -> date:
    """Name the day with which a period ends, of the moment from which it is too late."""
    return until.astimezone(zone).date() - timedelta(days=1)
