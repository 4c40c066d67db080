"""Runs the migrations on the database named by the caller (`sqlalchemy.url`) or by SHOP_DATABASE_URL."""

import importlib
import os
import pkgutil
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine, pool

import app
from app.core.db import Base
from app.core.money import MoneyType

for module in pkgutil.walk_packages(app.__path__, "app."):
    if module.name.endswith((".models", ".throttle")):
        importlib.import_module(module.name)

# Procrastinate's own tables come and go with its own scripts.
FOREIGN = "procrastinate_"


def ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    return not (kind == "table" and name and name.startswith(FOREIGN))


def render(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    return "sa.BigInteger()" if kind == "type" and isinstance(thing, MoneyType) else False


def main() -> None:
    if given := context.config.attributes.get("connection"):
        run(given)  # within the caller's own transaction: a restore is all or nothing
        return
    url = context.config.get_main_option("sqlalchemy.url") or os.environ["SHOP_DATABASE_URL"]
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        render_item=render,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


main()
