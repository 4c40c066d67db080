"""What is known of orders that are gone: how many, how much, of what; nobody's (C5)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.money import Money
from app.core.personal import IMPERSONAL

ADD_ORDERS = text(
    """
    INSERT INTO order_statistics AS known (month, status, payment_method, delivery_method, orders, total, vat)
    SELECT date_trunc('month', placed_at AT TIME ZONE 'Europe/Sofia')::date, status, payment_method, delivery_method,
           count(*), sum(total), sum(vat)
    FROM orders WHERE id = ANY(:ids) GROUP BY 1, 2, 3, 4
    ON CONFLICT (month, status, payment_method, delivery_method) DO UPDATE SET
        orders = known.orders + excluded.orders, total = known.total + excluded.total, vat = known.vat + excluded.vat
    """
)
ADD_ARTICLES = text(
    """
    INSERT INTO article_statistics AS known (month, sku, vat_rate, units, total, vat)
    SELECT date_trunc('month', placed_at AT TIME ZONE 'Europe/Sofia')::date, sku, vat_rate,
           sum(quantity), sum(line.total), sum(line.vat)
    FROM order_lines AS line JOIN orders ON orders.id = line.order_id
    WHERE orders.id = ANY(:ids) AND line.kind = 'goods' GROUP BY 1, 2, 3
    ON CONFLICT (month, sku, vat_rate) DO UPDATE SET
        units = known.units + excluded.units, total = known.total + excluded.total, vat = known.vat + excluded.vat
    """
)


class OrderStatistic(Base):
    """Orders of one month that are gone, by how they ended, were paid and delivered."""

    __tablename__ = "order_statistics"

    month: Mapped[date] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    payment_method: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    delivery_method: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    orders: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[Money]
    vat: Mapped[Money]


class ArticleStatistic(Base):
    """Units of one article in orders of one month that are gone."""

    __tablename__ = "article_statistics"

    month: Mapped[date] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    vat_rate: Mapped[int] = mapped_column(primary_key=True)
    units: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[Money]
    vat: Mapped[Money]


async def add_to_statistics(session: AsyncSession, orders: Sequence[UUID]) -> None:
    """Count orders that this transaction deletes: once, therefore."""
    for statement in (ADD_ORDERS, ADD_ARTICLES):
        await session.execute(statement, {"ids": [*orders]})
