"""`shop migrate`: brings the database to the newest schema."""

import logging

from alembic import command

from app.core.migrating import migrations
from app.settings import Settings
from app.wiring import values


def migrate() -> None:
    """Bring the shop's database to the newest schema; done again it does nothing."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)  # names each step as it is taken
    database = values.database(Settings())
    try:
        command.upgrade(migrations(database.url), "head")
    finally:
        database.close()
    print("The database has the newest schema.")
