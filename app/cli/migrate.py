"""`shop migrate`: brings the database to the newest schema."""

import logging

from alembic import command

from app.core.migrating import migrations


def migrate() -> None:
    """Bring the database of SHOP_DATABASE_URL to the newest schema; done again it does nothing."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)  # names each step as it is taken
    command.upgrade(migrations(), "head")
    print("The database has the newest schema.")
