"""What mail promises to the outside."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.jobs import Job


@dataclass(frozen=True)
class SendMail(Job):
    name: ClassVar[str] = "send_mail"

    mail_id: UUID
