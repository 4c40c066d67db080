"""Tables of carts."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.catalog.models import Variant
from app.core.db import Base
from app.core.personal import IMPERSONAL

LARGEST_QUANTITY = 99
MOST_LINES = 50


class Cart(Base):
    __tablename__ = "carts"
    __table_args__ = (
        Index("ix_carts_open", "created_at", postgresql_where=text("ordered_at IS NULL")),
        # An account has one open cart.
        Index("uq_carts_account", "account_id", unique=True, postgresql_where=text("ordered_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)  # random: the id is the key to the cart
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    ordered_at: Mapped[datetime | None]


class CartLine(Base):
    __tablename__ = "cart_lines"
    __table_args__ = (CheckConstraint(f"quantity BETWEEN 1 AND {LARGEST_QUANTITY}", name="quantity"),)

    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey(Variant.sku), primary_key=True, info=IMPERSONAL)
    quantity: Mapped[int]
