"""What staff see of the audit log."""

from datetime import datetime

from pydantic import Field, field_serializer

from app.auth.auditing.models import Action
from app.core.fields import View


class AuditEntryView(View):
    sequence: int = Field(examples=[1204])
    at: datetime
    actor: str = Field(description="Who", examples=["staff:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])
    action: Action
    subject: str | None = Field(
        description="To whom or what", examples=["account:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e12"]
    )
    detail: str | None = Field(description="Codes and ids alone", examples=["role: support → owner"])
    hash: bytes = Field(description="SHA-256 over this entry and the hash before it", examples=["9f86d081884c7d65…"])

    @field_serializer("hash")
    def _in_hexadecimals(self, digest: bytes) -> str:
        return digest.hex()
