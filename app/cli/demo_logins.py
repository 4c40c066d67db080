"""Who can log in to the demo shop, and with what: kept in its folder from start to start, never in production."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import typer
from passlib.totp import TOTP  # type: ignore[import-untyped] # libpass says nothing of its types

from app.auth.models import StaffRole
from app.settings import Settings

SHOPPER = "shopper"


@dataclass(frozen=True)
class Login:
    """A machine client or a person of the demo shop."""

    who: str
    login: str
    password: str = field(repr=False)
    purpose: str
    totp: str | None = field(default=None, repr=False)
    """Of staff: the key for an authenticator app."""


def of_staff(role: StaffRole) -> str:
    """Name the one who has this role, apart from the machine client of the same name."""
    return f"staff {role}"


def demo_folder() -> Path:
    settings = Settings()
    if settings.is_production:
        raise typer.BadParameter("this is a production shop: demo data have no place in it")
    return settings.folder


def read_logins(folder: Path) -> dict[str, Login]:
    file = folder / "demo-logins.json"
    return {login["who"]: Login(**login) for login in json.loads(file.read_text())} if file.exists() else {}


def as_json(logins: Iterable[Login]) -> str:
    return json.dumps([asdict(login) for login in logins], ensure_ascii=False)


def keep_logins(folder: Path, logins: Iterable[Login]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "demo-logins.json"
    file.touch(mode=0o600)
    file.write_text(as_json(logins))


def code_of(key: str, at: datetime | None = None) -> str:
    """Return what an authenticator app with this key shows at that moment, or now."""
    code: str = TOTP(key=key).generate(at).token
    return code


def demo_code(role: StaffRole) -> None:
    """Print what the authenticator app of the demo shop's staff shows now; a code is good for one login."""
    login = read_logins(demo_folder()).get(of_staff(role))
    if login is None or login.totp is None:
        raise typer.BadParameter("nobody has this role in a demo shop here: make run starts one")
    print(code_of(login.totp))
