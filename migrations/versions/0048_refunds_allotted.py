"""Say of refunds of before which lines they were for: all in proportion, the last one the rest of each.

Those of closed months stay at the highest rate of their order, as the files of these months had them: a month that is
closed tells tomorrow what it told when it was handed in. Works beside the previous release, which does not look there.
"""

from collections import defaultdict
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

REFUNDS = """
    SELECT refunds.id, order_id, amount, month IN (SELECT month FROM closed_months) FROM refunds
    WHERE NOT EXISTS (SELECT FROM refunded_lines WHERE refund_id = refunds.id)
    ORDER BY order_id, recorded_at, refunds.id
"""
LINES = """
    SELECT position, vat_rate, quantity, total, vat FROM order_lines WHERE order_id = :order ORDER BY position
"""
TAKEN = "SELECT position, sum(quantity), sum(gross), sum(vat) FROM refunded_lines WHERE order_id = :order GROUP BY 1"
KEPT = """
    INSERT INTO refunded_lines (refund_id, position, order_id, quantity, gross, vat)
    VALUES (:refund, :position, :order, :quantity, :gross, :vat)
"""


def upgrade() -> None:
    run = op.get_bind().execute
    for order, refunds in groupby(run(sa.text(REFUNDS)).all(), key=lambda row: row[1]):
        lines = {row[0]: (row[1], *row[2:]) for row in run(sa.text(LINES), {"order": order})}
        left = {position: list(line[1:]) for position, line in lines.items()}
        for position, *gone in run(sa.text(TAKEN), {"order": order}):
            left[position] = [there - int(taken) for there, taken in zip(left[position], gone, strict=True)]
        rates = {position: line[0] for position, line in lines.items()}
        for refund, _, amount, is_closed in refunds:
            parts = _as_told(amount, rates) if is_closed else _split(amount, rates, left)
            for position, (quantity, gross, vat) in parts.items():
                left[position] = [left[position][0] - quantity, left[position][1] - gross, left[position][2] - vat]
                if quantity or gross:
                    part = {"position": position, "quantity": quantity, "gross": gross, "vat": vat}
                    run(sa.text(KEPT), {"refund": refund, "order": order, **part})


def downgrade() -> None:
    """Nothing: what it says goes with the table."""


def _as_told(amount: int, rates: dict[int, int]) -> dict[int, tuple[int, int, int]]:
    highest = max(rates.values())
    position = min(at for at, rate in rates.items() if rate == highest)
    return {position: (0, amount, _vat_within(amount, highest))}


def _split(amount: int, rates: dict[int, int], left: dict[int, list[int]]) -> dict[int, tuple[int, int, int]]:
    if amount == sum(gross for _, gross, _ in left.values()):
        return {position: (rest[0], rest[1], rest[2]) for position, rest in left.items()}
    worth = {position: max(0, gross) for position, (_, gross, _) in left.items()}
    by_rate: dict[int, dict[int, int]] = defaultdict(dict)
    for position, of in worth.items():
        by_rate[rates[position]][position] = of
    parts = {}
    of_rates = _share(amount, {rate: sum(of.values()) for rate, of in sorted(by_rate.items(), reverse=True)})
    for rate, of_rate in of_rates.items():
        for position, gross in _share(of_rate, by_rate[rate]).items():
            _, there, vat = left[position]
            taken = max(0, min(vat - _vat_within(there - gross, rate), vat, gross))
            parts[position] = (0, gross, taken)
    return parts


def _share(amount: int, weights: dict[int, int]) -> dict[int, int]:
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    parts = {key: divmod(amount * weight, whole) for key, weight in weights.items()}
    lucky = sorted(parts, key=lambda key: -parts[key][1])[: amount - sum(floor for floor, _ in parts.values())]
    return {key: floor + (key in lucky) for key, (floor, _) in parts.items()}


def _vat_within(gross: int, rate: int) -> int:
    cents = (2 * abs(gross) * rate + 100 + rate) // (2 * (100 + rate))
    return cents if gross >= 0 else -cents
