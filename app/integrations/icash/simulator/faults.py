"""Failures that a test or a person orders."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    EMPTY = "empty"
    HTML = "html"
    HTML_502 = "html-502"
    DELAY = "delay"
    CUT = "cut"
    SESSION_EXPIRED = "session-expired"
    """Every session ends just before the call."""
    STALE_NONCE = "stale-nonce"
    """Another program has used the account with this very nonce."""
    REFUSAL = "refusal"


@dataclass
class Fault:
    """Befalls `times` calls, of one endpoint or any and about one sale or any, after `skip` such calls have passed."""

    kind: FaultKind
    endpoint: str | None = None
    skip: int = 0
    times: int = 1
    committed: bool = True
    """Whether the call is carried out although its answer is lost."""
    seconds: float = 60
    text: str = "Something new"
    reference: str | None = None
    """The shop's number of the sale."""

    def befalls(self, endpoint: str, reference: str | None) -> bool:
        if self.endpoint not in (None, endpoint) or self.reference not in (None, reference):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._waiting.append(fault)

    @property
    def ordered(self) -> int:
        """Tell how many faults still wait for their call."""
        return len(self._waiting)

    def strike(self, endpoint: str, reference: str | None = None) -> Fault | None:
        """Return the fault that befalls this call."""
        struck = next((fault for fault in list(self._waiting) if fault.befalls(endpoint, reference)), None)
        self._waiting = [fault for fault in self._waiting if fault.times > 0]
        return struck
