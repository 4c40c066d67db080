"""What the vendor's tables say of each parameter."""

import re
import time
from collections.abc import Callable, Mapping

Check = Callable[[str], bool]
Checks = Mapping[str, Check]


class Refusal(Exception):
    """Answered as `error_message`."""


def missing(parameter: str) -> Refusal:
    return Refusal(f"Missing value for {parameter}")


def wrong(parameter: str) -> Refusal:
    return Refusal(f"Wrong value for {parameter}")


def integer(value: str) -> bool:
    return re.fullmatch("[0-9]{1,18}", value, re.ASCII) is not None


def number(least: int, most: int) -> Check:
    return lambda value: integer(value) and least <= int(value) <= most


def text(longest: int) -> Check:
    return lambda value: len(value) <= longest


def decimal(precision: int, scale: int) -> Check:
    pattern = re.compile(rf"[0-9]{{1,{precision - scale}}}(\.[0-9]{{1,{scale}}})?", re.ASCII)
    return lambda value: pattern.fullmatch(value) is not None


def one_of(*values: str) -> Check:
    return lambda value: value in values


def set_of(*values: str) -> Check:
    return lambda value: all(part in values for part in value.split(","))


def matching(pattern: str) -> Check:
    return lambda value: re.fullmatch(pattern, value, re.ASCII) is not None


def moment(form: str) -> Check:
    def check(value: str) -> bool:
        try:
            time.strptime(value, form)
        except ValueError:
            return False
        return True

    return check


flag = one_of("0", "1")
day = moment("%Y-%m-%d")
second = moment("%Y-%m-%d %H:%M:%S")

COMMON: Checks = {
    "api_key": text(100),
    "nonce": integer,
    "signature": text(64),
    "ses": text(64),
    # Documented for login only, sent everywhere by the vendor's own programs.
    "WareHouseID": integer,
    "UserID": integer,
}

PAGING: Checks = {
    "sort": text(50),
    "order": one_of("ASC", "DESC"),
    "offset": integer,
    "count": number(1, 100),
}
