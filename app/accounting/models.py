"""Tables of what was entered in the books."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.accounting.ports import PostingState
from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL


class Posting(Base):
    """How far the sale of one order has come in I-Cash."""

    __tablename__ = "postings"
    __table_args__ = (one_of("state", PostingState),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    state: Mapped[PostingState] = mapped_column(info=IMPERSONAL)
    operation_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    sale_unique_number: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    rows: Mapped[list[int | None]] = mapped_column(ARRAY(BigInteger))
    asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    concern: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """A code that asks for a person: a refusal, or a doubt about what stands in the books."""


class Nonce(Base):
    """The last number used with an I-Cash key; the key itself is kept as its SHA-256 only."""

    __tablename__ = "icash_nonces"

    api_key_hash: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    last: Mapped[int] = mapped_column(BigInteger)
