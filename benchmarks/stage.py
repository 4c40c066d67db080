"""The stage: a durable PostgreSQL, the shop's two API processes on it, and the limits beside them."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import service as auth
from app.auth.keys import generate_key
from app.auth.scopes import Scope
from app.auth.service import Credentials
from app.catalog import service as catalog
from app.catalog.demo_range import RANGE
from app.catalog.models import Product, Variant
from app.core.db import Sessions, make_engine, make_sessions
from app.core.embedded import LESSER, SUPERUSER, EmbeddedServer
from app.core.money import Money
from app.core.personal import Recipient
from app.privacy import disclosing
from app.settings import Settings
from benchmarks.processes import ADOPTED, answering, family, free_port, resident, running, start

API_PROCESSES = 2
PRODUCTS = 24
SHOWN = 200
"""Products that are looked at and not bought."""
STOCK = 10_000_000
STATEMENT_SECONDS = 120
ICASH_NUMBERS = (
    "SHOP_ICASH_WAREHOUSE_ID",
    "SHOP_ICASH_USER_ID",
    "SHOP_ICASH_STORE_ID",
    "SHOP_ICASH_CASH_REGISTER_ID",
    "SHOP_ICASH_MEASURE_UNIT_ID",
    "SHOP_ICASH_TAX_GROUP_20",
    "SHOP_ICASH_PAY_TYPE_CASH_ON_DELIVERY",
    "SHOP_ICASH_PAY_TYPE_BANK_TRANSFER",
)
CARTS = """
INSERT INTO carts (id, created_at) SELECT lpad(to_hex(n), 32, '0')::uuid, now() FROM generate_series({0}, {1}) n;
INSERT INTO cart_lines (cart_id, sku, quantity)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'BENCH-' || 10 + (n * 7919) % 24, 2 FROM generate_series({0}, {1}) n
    UNION ALL
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'BENCH-' || 34 + (n * 6007) % 24, 1 FROM generate_series({0}, {1}) n
"""


@dataclass
class Stage:
    """Where everything is, and whom to ask what it cost."""

    folder: Path
    database: str
    server: int
    sessions: Sessions
    accountant: Credentials
    environment: Mapping[str, str]
    api: int = 0
    api_port: int = 0
    bare: int = 0
    bare_port: int = 0
    most_resident: float = 0
    """MiB of the largest API process so far."""
    _served: AsyncExitStack = field(default_factory=AsyncExitStack)
    _next_cart: int = 1

    def settings(self) -> Settings:
        """Give what this process needs to be the shop beside the API: the same keys, and the owner's database."""
        keys, address = self.environment["SHOP_SIGNING_KEYS"], self.environment["SHOP_PUBLIC_URL"]
        return Settings(folder=self.folder, signing_keys=SecretStr(keys), public_url=address)

    async def serve(self) -> None:
        """Start the API and the limits beside it, once more if they run: after a part that failed."""
        await self.close()
        self.api, self.api_port = await self._served.enter_async_context(_api(self))
        self.bare, self.bare_port = await self._served.enter_async_context(_bare(self))

    async def close(self) -> None:
        await self._served.aclose()

    def note_memory(self) -> None:
        self.most_resident = max(self.most_resident, *(resident(process) for process in family(self.api)))

    def superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        url = make_url(self.database).set(drivername="postgresql", username=SUPERUSER)
        # Bounded by itself: while it is waited for, nothing else here runs that could cut a part off.
        bound = f"-c statement_timeout={STATEMENT_SECONDS}s"
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, options=bound)

    def carts(self, number: int) -> range:
        """Make carts of two lines each; returns their numbers."""
        first = self._next_cart
        self._next_cart += number
        made = range(first, first + number)
        with self.superuser() as connection:
            connection.execute(CARTS.format(made[0], made[-1]))
            connection.execute("VACUUM ANALYZE carts")
            connection.execute("VACUUM ANALYZE cart_lines")
        return made


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """Set everything up in an empty folder and start it; all is stopped at the end."""
    with EmbeddedServer.start(folder / "postgres") as server:
        url = server.url()
        environment = _settings(folder, make_url(url).set(username=LESSER).render_as_string(hide_password=False))
        owning = {**environment, "SHOP_OWNER_DATABASE_URL": url}
        migration = await start("app.cli", "migrate", environment=owning, log=folder / "migrate.log")
        if await migration.wait():
            raise RuntimeError((folder / "migrate.log").read_text())
        engine = make_engine(url)
        sessions = make_sessions(engine)
        async with sessions.begin() as session:
            accountant = await _seed(session, datetime.now(UTC))
        number = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        ADOPTED.add(number)
        stage = Stage(folder, url, number, sessions, accountant, environment)
        try:
            await stage.serve()
            yield stage
        finally:
            await stage.close()
            await engine.dispose()


@asynccontextmanager
async def _api(stage: Stage) -> AsyncIterator[tuple[int, int]]:
    port = free_port()
    log = stage.folder / "api.log"
    async with running("app.cli", "api", "--port", str(port), environment=stage.environment, log=log) as process:
        await answering(port)
        yield process, port


@asynccontextmanager
async def _bare(stage: Stage) -> AsyncIterator[tuple[int, int]]:
    port = free_port()
    async with running(
        "benchmarks.bare", str(port), environment=stage.environment, log=stage.folder / "bare.log"
    ) as process:
        await answering(port)
        yield process, port


def _settings(folder: Path, url: str) -> dict[str, str]:
    """Give the settings of production, as far as they can be had without a network."""
    return {
        "SHOP_ENVIRONMENT": "production",
        "SHOP_FOLDER": str(folder),
        "SHOP_API_PROCESSES": str(API_PROCESSES),
        "SHOP_DATABASE_URL": url,
        "SHOP_SIGNING_KEYS": json.dumps({"keys": [generate_key()]}),
        "SHOP_GUEST_TOKEN_SECRET": secrets.token_urlsafe(32),
        "SHOP_TOTP_SECRET": secrets.token_urlsafe(32),
        "SHOP_SEALING_SECRET": secrets.token_urlsafe(32),
        "SHOP_BACKUP_SECRET": secrets.token_urlsafe(32),
        "SHOP_PUBLIC_URL": "https://api.shop.example",
        "SHOP_STOREFRONT_URL": "https://shop.example",
        "SHOP_SELLER_IBAN": "BG80BNBG96611020345678",
        "SHOP_SELLER_BIC": "BNBGBGSD",
        "SHOP_SPEEDY_USER": "benchmark",
        "SHOP_SPEEDY_URL": "https://speedy.example",
        "SHOP_SPEEDY_PASSWORD": secrets.token_urlsafe(16),
        "SHOP_ICASH_URL": "https://icash.example",
        "SHOP_ICASH_API_KEY": secrets.token_hex(16),
        "SHOP_ICASH_SECRET_KEY": secrets.token_hex(16),
        **dict.fromkeys(ICASH_NUMBERS, "1"),
        "SHOP_SMTP_HOST": "smtp.example",
        "SHOP_SMTP_PASSWORD": secrets.token_urlsafe(16),
    }


async def _seed(session: AsyncSession, at: datetime) -> Credentials:
    """Put products on offer and agreements on record; returns the accountant's client."""
    for number in range(PRODUCTS):
        await catalog.add_product(session, _product(number, at), at=at)
        for variant in (10 + number, 34 + number):
            await catalog.receive(session, f"BENCH-{variant}", STOCK, at=at)
    for number in range(SHOWN):
        await catalog.add_product(session, _shown(number, at), at=at)
    for recipient in Recipient:
        await disclosing.record_agreement(
            session, recipient, reference="1", signed_on=date(2026, 1, 2), at=at, by="benchmarks"
        )
    return await auth.create_client(session, "accountant", [Scope.ACCOUNTING], actor="benchmark", at=at)


def _product(number: int, at: datetime) -> Product:
    variants = [_variant(f"BENCH-{n}", n) for n in (10 + number, 34 + number)]
    return _described(number, f"{RANGE[number % len(RANGE)].slug}-{number}", variants, at)


def _shown(number: int, at: datetime) -> Product:
    variants = [_variant(f"SHOWN-{number}-{n}", n) for n in range(2)]
    return _described(PRODUCTS + number, f"shown-{number}", variants, at)


def _described(number: int, slug: str, variants: list[Variant], at: datetime) -> Product:
    shown = RANGE[number % len(RANGE)]
    return Product(
        slug=slug,
        title_bg=shown.title.bg,
        title_en=shown.title.en,
        summary_bg=shown.summary.bg,
        summary_en=shown.summary.en,
        description_bg=shown.description.bg,
        description_en=shown.description.en,
        position=number,
        published_at=at,
        variants=variants,
    )


def _variant(sku: str, number: int) -> Variant:
    return Variant(
        sku=sku,
        label_bg=f"Цвят {number}",
        label_en=f"Colour {number}",
        price=Money(990 + 100 * number),
        vat_rate=20,
        weight_grams=100,
        hygiene_sealed=False,
        position=number,
    )
