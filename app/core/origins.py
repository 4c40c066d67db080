"""Pages of other origins: which may call, what they may send, and what of the answers they may read (CORS)."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SENT = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Order-Token",
    "X-Request-Id",
    "X-Request-Token",
)
READ = (
    "Content-Disposition",
    "Content-Language",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Retry-After",
    "X-Request-Id",
)
KEPT_SECONDS = 7200
"""The longest that any browser remembers what a page may send; without it each call is asked for twice."""


def let_in(app: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of these origins call, with the cookie that holds the refresh token."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=SENT,
        allow_credentials=True,
        expose_headers=READ,
        max_age=KEPT_SECONDS,
    )
