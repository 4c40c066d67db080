"""The limits: the barest FastAPI app, and one indexed query served by FastAPI, under the shop's own server settings."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import typer
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from app.core.db import Pool, SessionDep, make_engine, make_sessions

ORDER = text("SELECT id, number, status, placed_at, total FROM orders WHERE number = :number")
HISTORY = text(
    "SELECT id, number, status, placed_at, total FROM orders WHERE account_id = :account_id"
    " ORDER BY number DESC LIMIT 20"
)
DOCUMENTS = text(
    "SELECT id, number, kind, issued_on, base, vat, total FROM documents"
    " WHERE issued_on >= :first AND issued_on < :after_last ORDER BY issued_on, number, id LIMIT 100"
)


class OrderRow(BaseModel):
    """A row as it comes from the table."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    status: str
    placed_at: datetime
    total: int


class DocumentRow(BaseModel):
    """A row as it comes from the table."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    kind: str
    issued_on: date
    base: int
    vat: int
    total: int


@cache
def letters(size: int) -> bytes:
    return b"x" * size


def create() -> FastAPI:
    engine = make_engine(os.environ["SHOP_DATABASE_URL"], Pool())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.state.sessions = make_sessions(engine)

    @app.get("/constant/{size}")
    async def constant(size: int) -> Response:
        return Response(letters(size), media_type="application/json")

    @app.get("/order/{number}")
    async def order(number: int, session: SessionDep) -> dict[str, Any]:
        return dict((await session.execute(ORDER, {"number": number})).mappings().one())

    @app.get("/history/{account_id}", response_model=list[OrderRow])
    async def history(account_id: UUID, session: SessionDep) -> Any:
        return (await session.execute(HISTORY, {"account_id": account_id})).all()

    @app.get("/documents/{first}/{after_last}", response_model=list[DocumentRow])
    async def documents(first: date, after_last: date, session: SessionDep) -> Any:
        return (await session.execute(DOCUMENTS, {"first": first, "after_last": after_last})).all()

    return app


def main(port: int) -> None:
    uvicorn.run(
        "benchmarks.bare:create",
        factory=True,
        port=port,
        workers=2,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    typer.run(main)
