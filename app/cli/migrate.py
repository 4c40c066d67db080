"""`shop migrate`: brings the database to the newest schema."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config

import app


def migrate() -> None:
    """Bring the database of SHOP_DATABASE_URL to the newest schema; done again it does nothing."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)  # names each step as it is taken
    config = Config()
    # Beside the package in a checkout and in an installation alike; alembic.ini is for developers' own commands.
    config.set_main_option("script_location", str(Path(app.__file__).parent.parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
    print("The database has the newest schema.")
