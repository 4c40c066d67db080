"""The migrations, as Alembic takes them; imported by who migrates, and by no process that serves."""

from alembic.config import Config

from app.core.schema import MIGRATIONS


def migrations(url: str | None = None) -> Config:
    """Give the migrations to Alembic; without an address they run on the database of SHOP_DATABASE_URL."""
    config = Config()
    # Beside the package in a checkout and in an installation alike; alembic.ini is for developers' own commands.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if url:
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
