"""Requests and responses of registration and of a change of the e-mail address."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.accounts.forms import Delivery
from app.auth.link_tokens import LENGTH
from app.auth.own_schemas import LinkToken, OldPassword
from app.auth.passwords import Password
from app.core.fields import Email, Name, Phone, View, Wish
from app.privacy.models import DeclarationPurpose
from app.privacy.schemas import DeclarationWish, newest


class Register(Wish):
    """Ask for an account: what an order needs of a person (S5), phone and address only if they are to be kept."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "first_name": "Ива",
                    "last_name": "Петрова",
                    "email": "iva@example.bg",
                    "password": "трамвай лимон петък облак",
                    "phone": "+359888123456",
                    "address": {
                        "method": "address",
                        "city": "София",
                        "postcode": "1618",
                        "street": "ул. Българска легия",
                        "street_no": "2",
                    },
                    "privacy_declaration": {"version": newest(DeclarationPurpose.REGISTRATION), "accepted": True},
                    "consents": ["registration"],
                }
            ]
        },
    )

    first_name: Name
    last_name: Name
    email: Email
    password: Password
    phone: Phone | None = None
    address: Delivery | None = None
    privacy_declaration: DeclarationWish
    consents: Annotated[
        list[Literal["registration", "newsletter"]],
        Field(max_length=2, description="Each is agreed to alone and can be taken back; `registration` is needed"),
    ]


class VerifyEmail(Wish):
    """What the mail's reader and nobody else has, and what whoever registered and nobody else knows."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"token": "A" * LENGTH, "password": "трамвай лимон петък облак"}]},
    )

    token: LinkToken
    password: Annotated[Password, Field(description="The one chosen at registration")]


class ChangeEmail(Wish):
    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"email": "iva@example.com", "password": "трамвай лимон петък облак"}]},
    )

    email: Email
    password: OldPassword


class ConfirmEmailChange(Wish):
    """What the new mailbox's reader and nobody else has, and what the account's owner and nobody else knows."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"token": "A" * LENGTH, "password": "трамвай лимон петък облак"}]},
    )

    token: LinkToken
    password: OldPassword


class LinkMailed(View):
    """A mail is on its way; what it says, only its reader learns."""

    email: str = Field(description="Where it goes", examples=["iva@example.bg"])
    expires_at: datetime = Field(description="Until when a link in it works")
