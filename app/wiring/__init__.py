"""The one place that picks adapters and handlers, and turns settings into the values that domains take.

Only the entry points and tests import it; a domain never sees the settings themselves.
"""

from app.wiring.outside import Adapters, adapters, circuit, icash_account, postman, renderer, speedy_account
from app.wiring.values import (
    Database,
    database,
    entrance,
    holders,
    issuer,
    key_ring,
    own_origins,
    pool,
    terms,
    throttle,
    tokens,
    totp,
    trader,
)
from app.wiring.work import composers, work

__all__ = [
    "Adapters",
    "Database",
    "adapters",
    "circuit",
    "composers",
    "database",
    "entrance",
    "holders",
    "icash_account",
    "issuer",
    "key_ring",
    "own_origins",
    "pool",
    "postman",
    "renderer",
    "speedy_account",
    "terms",
    "throttle",
    "tokens",
    "totp",
    "trader",
    "work",
]
