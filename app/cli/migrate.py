"""`shop migrate`: brings the database to the newest schema."""

import logging

from alembic import command

from app.core.migrating import migrations
from app.settings import Settings
from app.wiring.owning import owned_database


def migrate() -> None:
    """Bring the shop's database to the newest schema, and its roles to what they may do; again it does nothing.

    As SHOP_OWNER_DATABASE_URL: the role that owns it, and that makes the one of SHOP_DATABASE_URL.
    """
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)  # names each step as it is taken
    database = owned_database(Settings())
    try:
        database.settle()  # before, too: it may have to take over from the shop's role what the steps change
        command.upgrade(migrations(database.url), "head")
        database.settle()
    finally:
        database.close()
    print("The database has the newest schema.")
