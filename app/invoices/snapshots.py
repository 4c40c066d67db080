"""What the views of documents have in common: they are kept as JSON, and read back the same."""

import hashlib
import json
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError


class Snapshot:
    """A view that is kept beside its PDF; `restored` makes the same view of what was kept."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def snapshot(self) -> dict[str, Any]:
        kept: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json")
        return kept

    def fingerprint(self) -> str:
        """Return the SHA-256 of the snapshot, which the PDF carries: so that each can be told to be of the other."""
        return fingerprint_of(self.snapshot())

    @classmethod
    def restored(cls, snapshot: dict[str, Any]) -> Self:
        try:
            view: Self = _adapter(cls).validate_python(snapshot)
        except ValidationError as refusal:
            faults = refusal.errors(include_input=False, include_context=False, include_url=False)
            # Without its cause: pydantic's own text repeats what the snapshot says of people.
            raise ValueError("; ".join(f"{fault['loc']}: {fault['msg']}" for fault in faults)) from None
        return view


def fingerprint_of(kept: dict[str, Any]) -> str:
    written = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


_ADAPTERS: dict[type[Snapshot], TypeAdapter[Any]] = {}


def _adapter(view: type[Snapshot]) -> TypeAdapter[Any]:
    if view not in _ADAPTERS:
        _ADAPTERS[view] = TypeAdapter(view)
    return _ADAPTERS[view]


def require(holds: bool, rule: str) -> None:  # noqa: FBT001 - what must hold is the argument
    if not holds:
        raise ValueError(rule)
