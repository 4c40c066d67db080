"""The address of the database's owner: read by `shop migrate` and `shop restore` alone, and given to them alone."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.settings import MisconfiguredError, Settings, production


class Owner(BaseSettings):
    """A setting of two commands: a process that serves must not hold it."""

    model_config = SettingsConfigDict(
        env_prefix="SHOP_", frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    owner_database_url: SecretStr | None = Field(None, description="As SHOP_DATABASE_URL, of the role that owns it")


def owner_url(settings: Settings) -> str | None:
    """Give the owner's address; production insists on one, and that it leads there as safely as the shop's own."""
    url = Owner().owner_database_url
    if settings.is_production:
        faults = ["SHOP_OWNER_DATABASE_URL is not set"]
        if url:
            faults = [*production.unprotected_database("owner_database_url", url, settings.private_hosts)]
            faults += production.easy_password("owner_database_url", url)
            faults += production.same_password(settings, url)
        if faults:
            raise MisconfiguredError("not fit for production: " + "; ".join(faults))
    return url.get_secret_value() if url else None
