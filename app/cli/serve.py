"""`shop api` and `shop worker`: the two processes of production."""

import runpy
import signal
import sys
from typing import Annotated

import typer
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.core.connections import Connection
from app.core.listening import listeners
from app.settings import Settings


def api(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    graceful_seconds: Annotated[int, typer.Option(help="Given to requests under way when asked to stop", min=1)] = 30,
    trusted_proxies: Annotated[
        str, typer.Option(help="Whose X-Forwarded-For is believed, comma-separated", envvar="SHOP_TRUSTED_PROXIES")
    ] = "127.0.0.1",
) -> None:
    """Serve HTTP."""
    settings = Settings()  # what is wrong with them is said here once, not by each process again and again
    # Once it has stopped, uvicorn raises the signal again: asked to stop and stopped is a success, not a death.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        "app.main:create",
        factory=True,
        host=host,
        port=port,
        workers=settings.api_processes,
        timeout_worker_healthcheck=30,  # loading the shop may take longer than its five on a busy machine
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,  # the shop sets its own, in every process
        access_log=False,  # a line of it would hold query strings; the shop logs its requests itself
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=graceful_seconds,
    )
    serve(config)


def serve(config: uvicorn.Config) -> None:
    """Serve in as many processes as the configuration names; with one, in this one."""
    if config.workers > 1:
        Multiprocess(config, sockets=listeners(config)).run()
        return
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def worker() -> None:
    """Do what has been promised: jobs and periodic work."""
    # By name, as uvicorn loads the API: no other command waits until what draws PDFs is loaded.
    runpy.run_module("app.worker", run_name="__main__")
