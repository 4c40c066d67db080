"""Requests and responses about staff, their trainings, machine clients and who can see what."""

import ipaddress
import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    StrictBool,
    StringConstraints,
    computed_field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.auth.link_tokens import LENGTH
from app.auth.models import StaffRole
from app.auth.own_schemas import LinkToken, OldPassword
from app.auth.passwords import Password
from app.auth.roles import Right
from app.auth.scopes import Scope
from app.core.fields import ANY_LINE, PERSON_NAME, Email, View, Wish, upto
from app.core.language import Language
from app.core.personal import Recipient

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_NETWORKS = 50
LONGEST_OVERLAP_HOURS = 168

Name = Annotated[str, upto(100), PERSON_NAME]
Code = Annotated[
    SecretStr,
    Field(min_length=6, max_length=20, description="Six digits, as the authenticator app shows them now"),
]


def _day(value: object) -> date:
    """Read a date as ISO 8601 writes it; no number of seconds, which pydantic would take for one."""
    try:
        return date.fromisoformat(value if isinstance(value, str) and DAY.fullmatch(value) else "")
    except ValueError:
        raise PydanticCustomError("date", "Not a date as 2026-11-20") from None


Day = Annotated[date, PlainValidator(_day, json_schema_input_type=date)]


class LiftLimits(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}]})

    email: Email


class Invite(Wish):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "maria@example.bg", "name": "Мария Стоянова", "role": "support"}]},
    )

    email: Email
    name: Name
    role: StaffRole
    language: Language = Field(Language.BG, description="Of the mails to this person")


class AcceptInvitation(Wish):
    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"token": "A" * LENGTH, "password": "седем стълби към морето"}]},
    )

    token: LinkToken
    password: Password


class ConfirmSecondFactor(Wish):
    model_config = ConfigDict(
        hide_input_in_errors=True, json_schema_extra={"examples": [{"token": "A" * LENGTH, "code": "123456"}]}
    )

    token: LinkToken
    code: Code


class RenewRecoveryCodes(Wish):
    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"password": "седем стълби към морето", "otp": "123456"}]},
    )

    password: OldPassword
    otp: Code


class InvitationView(View):
    staff_id: UUID
    expires_at: datetime = Field(description="Until when the link in the mail works")


class SecondFactorView(View):
    """What the authenticator app is given; shown once, a repeated call makes another."""

    otpauth_uri: str = Field(examples=["otpauth://totp/Ionickiss:maria@example.bg?secret=…&issuer=Ionickiss"])
    secret: str = Field(description="For whoever cannot scan the address", examples=["JBSW Y3DP EHPK 3PXP"])


class RecoveryCodesView(View):
    """Each stands in for the second factor once; shown here and never again."""

    recovery_codes: list[str] = Field(examples=[["AAAA-BBBB-CCCC-DDDD"]])


class ChangeMember(Wish):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "warehouse"}, {"disabled": True}]})

    role: StaffRole | None = None
    name: Name | None = None
    disabled: StrictBool | None = Field(None, description="`true` ends all sessions at once")


class RecordTraining(Wish):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"subject": "Регламент (ЕС) 2016/679 и вътрешни правила", "trained_on": "2026-11-20"}]
        }
    )

    subject: Annotated[str, upto(200), ANY_LINE]
    trained_on: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.valid_until and self.valid_until < self.trained_on:
            raise PydanticCustomError("ends_before_it_began", "Must not end before it was held")
        return self


class TrainingView(View):
    id: UUID
    subject: str
    trained_on: date
    valid_until: date | None
    recorded_at: datetime
    recorded_by: str = Field(examples=["staff:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])


class TrainingsView(View):
    """Newest first."""

    items: list[TrainingView]


class MemberState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class MemberView(View):
    id: UUID
    email: str
    name: str
    role: StaffRole
    state: MemberState
    is_trained: bool = Field(description="Whether a training in force is on record")
    trained_until: date | None = Field(description="Last day of the trainings on record; null: no end, or none")
    created_at: datetime
    last_login_at: datetime | None
    last_used_at: datetime | None


class MembersView(View):
    """Oldest first."""

    items: list[MemberView]


class OwnMemberView(MemberView):
    """One's own place among the staff."""

    rights: list[Right]


class AccessView(OwnMemberView):
    """What one member of staff may do."""

    opens_personal_data: bool = Field(description="Whether customers' data are open to this person today (S44, C15)")


def _network(text: str) -> str:
    """Write an address or a network (CIDR) in one way; IPv4 in IPv6 is IPv4."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise PydanticCustomError("network", "Not an IP address and not a network as 192.0.2.0/24") from None
    if isinstance(network, ipaddress.IPv6Network):
        mapped = network.network_address.ipv4_mapped
        if network.network_address.scope_id:
            raise PydanticCustomError("network", "Not an IP address and not a network as 192.0.2.0/24")
        if mapped and network.prefixlen >= 96:  # noqa: PLR2004 - the bits before an IPv4 address
            network = ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    return str(network).removesuffix(f"/{network.max_prefixlen}")


Network = Annotated[
    str,
    StringConstraints(max_length=49, strip_whitespace=True),
    AfterValidator(_network),
    Field(description="IP address or network (CIDR)", examples=["192.0.2.0/24"]),
]
Networks = Annotated[
    list[Network] | None,
    Field(min_length=1, max_length=MOST_NETWORKS, description="From where the client may call; null: from anywhere"),
]


class MakeClient(Wish):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "счетоводен скрипт", "scopes": ["accounting"], "networks": None}]}
    )

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope), description="All of one recipient")]
    networks: Networks = None


class RotateSecret(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: int = Field(24, ge=0, le=LONGEST_OVERLAP_HOURS, description="How long the old secret works beside")


class LimitNetworks(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"networks": ["192.0.2.0/24", "2001:db8::/32"]}]})

    networks: Networks


class ClientView(View):
    """A machine client; never its secret."""

    id: str = Field(examples=["cl_0123456789abcdef"])
    name: str
    scopes: list[Scope]
    recipient: Recipient | None = Field(description="For whom it acts in the register of recipients")
    networks: list[str] | None = Field(description="From where it may call; null: from anywhere")
    created_at: datetime
    last_used_at: datetime | None
    previous_valid_until: datetime | None = Field(description="Until when the secret before works too")
    revoked_at: datetime | None


class ClientAccessView(ClientView):
    """What one machine client may do."""

    @computed_field(description="Whether customers' data are open to it: every scope opens some")  # type: ignore[prop-decorator] # mypy's own limit
    @property
    def opens_personal_data(self) -> bool:
        return self.revoked_at is None


class ClientsView(View):
    """Oldest first, the revoked ones too."""

    items: list[ClientView]


class SecretView(View):
    """The secret of a machine client; shown here and never again."""

    client_id: str = Field(examples=["cl_0123456789abcdef"])
    client_secret: str = Field(examples=["cs_…"])


class AccessReviewView(View):
    """Who can see what (C15)."""

    reviewed_at: datetime
    members: list[AccessView]
    clients: list[ClientAccessView]
