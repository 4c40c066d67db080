"""Requests and responses about one's own sessions and password."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr

from app.auth.link_tokens import LENGTH
from app.auth.models import Realm
from app.auth.passwords import LONGEST_TYPED, Password
from app.core.fields import Email, View, Wish

LinkToken = Annotated[
    SecretStr, Field(min_length=LENGTH, max_length=LENGTH, description="As the link in the mail bears it")
]
OldPassword = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_TYPED, description="The one in force")]


class SessionView(View):
    id: UUID
    device: str | None = Field(description="What the browser called itself at login", examples=["Mozilla/5.0 …"])
    created_at: datetime
    last_used_at: datetime = Field(description="To the minute")
    expires_at: datetime = Field(description="Unless it is used before; of staff in any case")
    is_current: bool


class SessionsView(View):
    """Live sessions, last used first."""

    items: list[SessionView]


class ChangePassword(Wish):
    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [{"current_password": "зелен чадър под дъжда", "new_password": "седем стълби към морето"}]
        },
    )

    current_password: OldPassword
    new_password: Password


class ForgotPassword(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}]})

    email: Email
    realm: Realm = Realm.ACCOUNT


class ResetPassword(Wish):
    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"token": "A" * LENGTH, "new_password": "седем стълби към морето"}]},
    )

    token: LinkToken
    new_password: Password
