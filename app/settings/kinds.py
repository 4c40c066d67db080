"""Kinds of settings: texts, lists parted by commas, amounts, schedules, origins."""

import re
from typing import Annotated

import croniter
from pydantic import AfterValidator, BeforeValidator, field_validator
from pydantic_settings import BaseSettings, NoDecode

from app.core.fields import seen
from app.core.money import Money
from app.core.seen import is_blank
from app.orders.models import PaymentMethod

DEVELOPED_AT = tuple(f"http://{host}:{port}" for port in (3000, 4173, 5173) for host in ("localhost", "127.0.0.1"))
"""Where the tools of whoever develops a storefront serve it."""
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _schedule(cron: str) -> str:
    """Refuse at the start what would only fail, unseen, when its day has come."""
    if not croniter.croniter.is_valid(cron):
        raise ValueError("a schedule is five fields, minute first: 30 3 1 * *")
    return cron


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse `*` and addresses with a path: neither would ever be equal to what a browser sends."""
    if not all(ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("an origin is https://name, with a port if it has one, and no path")
    return origins


def _unslashed(address: str) -> str:
    """Leave out a slash at the end: paths are put behind it."""
    return address.rstrip("/")


def _price(amount: Money) -> Money:
    if amount < Money.ZERO:
        raise ValueError("an amount is not negative")
    return amount


class SeenTexts(BaseSettings):
    """Holds every text to the rule that requests are held to: much of it is printed on papers."""

    @field_validator("*")
    @classmethod
    def _is_seen(cls, value: object) -> object:
        if type(value) is not str or value.isascii():
            return value
        if is_blank(value):
            raise ValueError("nobody sees anything of it")
        return seen(value)


# NoDecode: the environment's text is the amount or the list, not JSON of it.
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Origins = Annotated[Names, AfterValidator(_origins)]
Site = Annotated[str, AfterValidator(_unslashed)]
Methods = Annotated[frozenset[PaymentMethod], NoDecode, BeforeValidator(_split)]
Price = Annotated[Money, NoDecode, AfterValidator(_price)]
Schedule = Annotated[str, AfterValidator(_schedule)]
