"""The simulator without its network: who may speak, in what order, and what is kept of it."""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from app.integrations.icash.simulator import (
    account_endpoints,
    card_endpoints,
    document_endpoints,
    operation_endpoints,
)
from app.integrations.icash.simulator.checks import Refusal
from app.integrations.icash.simulator.endpoint import Call, Endpoint
from app.integrations.icash.simulator.events import EVENTS
from app.integrations.icash.simulator.ledger import Ledger
from app.integrations.icash.simulator.rules import Rules, User

ENDPOINTS: dict[str, Endpoint] = {
    **account_endpoints.ENDPOINTS,
    **card_endpoints.ENDPOINTS,
    **operation_endpoints.ENDPOINTS,
    **document_endpoints.ENDPOINTS,
}
UNAUTHENTIC = "Authentication Error"


class Journal:
    """Every accepted command, on the disk before its answer leaves; read again, it gives back the state."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file = path.open("ab") if path else None

    def entries(self) -> Iterator[dict[str, Any]]:
        if self._path is None:
            return
        whole, _, torn = self._path.read_bytes().rpartition(b"\n")
        if torn:  # killed while writing: that command was never answered
            os.truncate(self._path, len(whole) + 1 if whole else 0)
        for line in whole.splitlines():
            yield json.loads(line)

    def append(self, entry: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Machine:
    def __init__(self, rules: Rules, journal: Journal) -> None:
        self.rules = rules
        self.ledger = Ledger(rules)
        self.journal = journal
        for entry in journal.entries():
            with suppress(Refusal):  # a refused call used up its nonce, and perhaps left its mark
                self._apply(entry)

    def answer(self, endpoint: str, parameters: dict[str, str], at: datetime, refuse: str | None = None) -> Any:
        """Answer a call with I-Cash's envelope; `refuse` is a text to refuse it with although it is in order."""
        try:
            ENDPOINTS[endpoint].require(parameters)
            self._authenticate(endpoint, parameters)
            entry = {"endpoint": endpoint, "parameters": parameters, "at": at.isoformat(), "refuse": refuse}
            self.journal.append(entry)
            envelope = {"status": 1, "data": self._apply(entry)}
        except Refusal as refusal:
            envelope = {"status": 0, "error_message": str(refusal)}
        told = {"nonce": parameters.get("nonce", ""), **envelope}
        return _with_text_ids(told) if self.rules.ids_as_strings else told

    def happen(self, event: dict[str, Any], at: datetime) -> None:
        entry = {**event, "at": at.isoformat()}
        self._apply(entry)
        self.journal.append(entry)

    def spoil_nonce(self, parameters: dict[str, str]) -> None:
        """Take the nonce of this call for another program's."""
        if user := self._user(parameters):
            self.ledger.last_nonce[user.api_key] = int(parameters.get("nonce", "0"))

    def _apply(self, entry: dict[str, Any]) -> Any:
        at = datetime.fromisoformat(entry["at"])
        if "event" in entry:
            return EVENTS[entry["event"]](self.ledger, entry, at)
        parameters, endpoint = entry["parameters"], ENDPOINTS[entry["endpoint"]]
        # Once the signature is right the nonce is used up, even if the call itself is refused.
        self.ledger.last_nonce[parameters["api_key"]] = int(parameters["nonce"])
        if endpoint.session and self.ledger.sessions.get(parameters["ses"], at) <= at:
            raise Refusal("Session expired")
        endpoint.check(parameters, strict=self.rules.strict)
        if entry["refuse"]:
            raise Refusal(entry["refuse"])
        return endpoint.answer(Call(self.ledger, parameters, at))

    def _user(self, parameters: dict[str, str]) -> User | None:
        return next((user for user in self.rules.users if user.api_key == parameters.get("api_key")), None)

    def _authenticate(self, endpoint: str, parameters: dict[str, str]) -> None:
        user, nonce, given = self._user(parameters), parameters["nonce"], parameters["signature"]
        if user is None or not re.fullmatch("[1-9][0-9]{0,17}", nonce, re.ASCII):
            raise Refusal(UNAUTHENTIC)
        message = f"{nonce}{parameters.get('WareHouseID', user.warehouse_id)}{user.api_key}"
        right = hmac.new(user.secret_key.encode(), message.encode(), hashlib.sha256).hexdigest().upper()
        if not self.rules.strict:
            given = given.upper()
        if not hmac.compare_digest(given.encode(), right.encode()):
            raise Refusal(UNAUTHENTIC)
        if parameters.get("WareHouseID", user.warehouse_id) != user.warehouse_id:
            raise Refusal(UNAUTHENTIC)
        if endpoint == "login" and parameters["UserID"] != user.user_id:
            raise Refusal(UNAUTHENTIC)
        if int(nonce) <= self.ledger.last_nonce.get(user.api_key, 0):
            raise Refusal(self.rules.stale_nonce)


def _with_text_ids(told: Any) -> Any:
    if isinstance(told, dict):
        return {
            name: str(value) if name.lower().endswith("id") and isinstance(value, int) else _with_text_ids(value)
            for name, value in told.items()
        }
    return [_with_text_ids(value) for value in told] if isinstance(told, list) else told
