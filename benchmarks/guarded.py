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
from app.core.routing import Router
from app.main import create_app
from app.settings import Settings
from app.wiring import values as wiring


def create() -> FastAPI:
    settings = Settings()
    engine = make_engine(wiring.database(settings).url, wiring.pool(settings))
    app = create_app(settings, make_sessions(engine), SystemClock(), None)
    guard = Security(require_person, scopes=[Realm.ACCOUNT])
    router = Router()  # as the shop's own routes: what was asked is not asked again, and the directory finds it
    for path, guards in (("/plain/products", []), ("/guarded/products", [guard])):
        router.get(path, dependencies=guards, response_model=Page[ProductCard])(catalog.list_products)
    app.include_router(router)

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
        timeout_worker_healthcheck=30,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    typer.run(main)
