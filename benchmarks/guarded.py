"""The shop's own app with the product list made anew for each request, open and behind a guard.

Behind a guard no answer comes from the shelf: it is sent before anybody is asked who they are.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer
import uvicorn
from fastapi import FastAPI, Security

from app.auth.guards import require_person
from app.auth.models import Realm
from app.catalog import api as catalog
from app.catalog.schemas import ProductCard
from app.core.clock import SystemClock
from app.core.db import make_engine, make_sessions
from app.core.paging import Page
from app.main import create_app
from app.settings import Settings
from app.wiring import values as wiring


def create() -> FastAPI:
    settings = Settings()
    engine = make_engine(wiring.database(settings).url, wiring.pool(settings))
    app = create_app(settings, make_sessions(engine), SystemClock(), None)
    guard = Security(require_person, scopes=[Realm.ACCOUNT])
    for path, guards in (("/plain/products", []), ("/guarded/products", [guard])):
        app.get(path, dependencies=guards, response_model=Page[ProductCard])(catalog.list_products)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app.router.lifespan_context = lifespan
    return app


def main(port: int) -> None:
    uvicorn.run(
        "benchmarks.guarded:create",
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
