"""What one endpoint asks for, and how lists are cut into pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.integrations.icash.simulator.checks import COMMON, Checks, missing, wrong
from app.integrations.icash.simulator.ledger import Ledger

EXACT = ("ID", "Type", "Active", "Status", "SubType", "DocumentNum")


@dataclass(frozen=True)
class Call:
    ledger: Ledger
    parameters: dict[str, str]
    at: datetime


@dataclass(frozen=True)
class Endpoint:
    answer: Callable[[Call], Any]
    required: Checks = field(default_factory=dict)
    optional: Checks = field(default_factory=dict)
    session: bool = True

    def require(self, parameters: Mapping[str, str]) -> None:
        """Refuse what is not there; this comes before anything else, the signature included."""
        common = ("api_key", "nonce", "signature", *(("ses",) if self.session else ()))
        for name in (*common, *self.required):
            if name not in parameters:
                raise missing(name)

    def check(self, parameters: Mapping[str, str], *, strict: bool) -> None:
        checks = {**COMMON, **self.required, **self.optional}
        for name, value in parameters.items():
            if name in checks:
                if not checks[name](value):
                    raise wrong(name)
            elif strict:
                raise wrong(name)


def listed(call: Call, records: Iterable[Mapping[str, Any]], filters: Iterable[str]) -> dict[str, Any]:
    """Answer a list call: filtered by equality or, for free text, by what it contains; sorted; one page."""
    wanted = {name: call.parameters[name] for name in filters if name in call.parameters}
    substring = call.ledger.rules.substring_filters
    found = [record for record in records if all(_matches(record, name, wanted[name], substring) for name in wanted)]
    return paged(call, found)


def paged(call: Call, found: list[Mapping[str, Any]]) -> dict[str, Any]:
    parameters = call.parameters
    if sort := parameters.get("sort"):
        if any(sort not in record for record in found):
            raise wrong("sort")
        found.sort(key=lambda record: str(record[sort]))
    if parameters.get("order") == "DESC":
        found.reverse()
    offset, count = int(parameters.get("offset", 0)), int(parameters.get("count", 10))
    return {"TotalRecords": len(found), "Data": found[offset : offset + count]}


def _matches(record: Mapping[str, Any], name: str, value: str, substring: bool) -> bool:  # noqa: FBT001 - a rule
    told = str(record.get(name, ""))
    if not substring or (name.endswith(EXACT) and not name.endswith("InventoryID")):
        return told == value
    return value.casefold() in told.casefold()
