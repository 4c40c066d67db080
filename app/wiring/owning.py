"""Reaches the database as its owner, for `shop migrate` and `shop restore`, and settles who the shop is at work as."""

from dataclasses import dataclass, replace

from app.core.embedded import LESSER, EmbeddedServer
from app.core.privileges import LesserRole, make_role, settle
from app.settings import Settings
from app.settings.owner import owner_url
from app.wiring.keeping import let_go


@dataclass(frozen=True)
class OwnedDatabase:
    """The database as its owner reaches it; `lesser` is who the shop is at work as, None where that is the owner."""

    url: str
    lesser: LesserRole | None
    let_go: frozenset[str]
    server: EmbeddedServer | None = None

    def at(self, url: str) -> "OwnedDatabase":
        """Give another database, that the same roles share."""
        return replace(self, url=url)

    def prepare(self) -> None:
        """Make the lesser role where it is missing, before anything large is begun."""
        if self.lesser:
            make_role(self.url, self.lesser)

    def settle(self) -> None:
        """Let the lesser role do what it needs, and nothing else."""
        if self.lesser:
            settle(self.url, self.lesser, self.let_go)

    def close(self) -> None:
        if self.server:
            self.server.stop()


def owned_database(settings: Settings) -> OwnedDatabase:
    """Reach the database as its owner; in development one role may be both."""
    names = let_go(settings)
    owner = owner_url(settings)
    if settings.database_url:
        given = settings.database_url.get_secret_value()
        return OwnedDatabase(owner or given, LesserRole.of(given) if owner else None, names)
    server = EmbeddedServer.start(settings.folder / "postgres")
    return OwnedDatabase(server.url(), LesserRole(LESSER, None), names, server)
