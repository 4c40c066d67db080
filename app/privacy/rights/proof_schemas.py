"""What a guest sees behind a mailed link, and names back to sign it."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.auth.link_tokens import LENGTH
from app.core.fields import View, Wish
from app.privacy.rights.models import PreferredForm, RequestKind
from app.privacy.rights.schemas import SEEN, RequestToken, RequestView

ASKED_FOR: dict[str, Any] = {
    "kind": "access",
    "preferred_form": "paper",
    "destination": "гр. София 1618, ул. „Българска легия“ № 2",
    "proxy": None,
}


class ConfirmedProxy(Wish):
    name: str = Field(max_length=200)
    person_email: str | None = Field(None, max_length=254)


class ConfirmedRequest(Wish):
    """What one was shown in `asked`, named back: nobody signs what they did not see."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED_FOR]})

    kind: RequestKind
    preferred_form: PreferredForm
    destination: str = Field(max_length=500)
    proxy: ConfirmedProxy | None = None


class ProveRequest(Wish):
    """The token of the mailed link; without `confirmed` it shows what would be signed, and signs nothing."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"token": "A" * LENGTH}, {"token": "A" * LENGTH, "confirmed": ASKED_FOR}]},
    )

    token: RequestToken
    confirmed: ConfirmedRequest | None = Field(None, description="`asked` of the first answer, word for word")


class AskedProxyView(View):
    """Somebody asks for another."""

    name: str = Field(description="Of whoever asks")
    person_email: str | None = Field(description="Under which the data are")


class AskedForView(View):
    """What a confirmation signs."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED_FOR]})

    kind: RequestKind
    preferred_form: PreferredForm
    destination: str = Field(description="Where the answer goes: an e-mail address, or one for the post")
    proxy: AskedProxyView | None


class RequestToConfirm(View):
    """What was asked under the address, to be shown before it is confirmed; nothing has happened yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "asked": ASKED_FOR,
                    "name": "Ива Петрова",
                    "text": "Моля за достъп до личните ми данни и копие от тях.",
                    "expires_at": "2026-11-24T10:00:00Z",
                }
            ]
        }
    )

    asked: AskedForView
    name: str | None = Field(description="Whose data it is about")
    text: str | None
    expires_at: datetime


class ProvedView(View):
    """The request, received now, and what opens it from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"access_token": "A" * LENGTH, "request": SEEN}]})

    access_token: str = Field(description="Send it as X-Request-Token; keep it out of addresses")
    request: RequestView
