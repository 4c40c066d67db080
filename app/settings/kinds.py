"""Kinds of settings: lists parted by commas, amounts, schedules, origins."""

import re
from typing import Annotated

import croniter
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.core.money import Money
from app.orders.models import PaymentMethod

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


def _price(amount: Money) -> Money:
    if amount < Money.ZERO:
        raise ValueError("an amount is not negative")
    return amount


# NoDecode: the environment's text is the amount or the list, not JSON of it.
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Origins = Annotated[Names, AfterValidator(_origins)]
Methods = Annotated[frozenset[PaymentMethod], NoDecode, BeforeValidator(_split)]
Price = Annotated[Money, NoDecode, AfterValidator(_price)]
Schedule = Annotated[str, AfterValidator(_schedule)]
