"""Refusals about who is calling."""

from typing import Any, ClassVar

from app.core.errors import ShopError
from app.core.language import Language, Text


class Unauthenticated(ShopError):
    """One answer for no token, a wrong one, an expired one and a revoked client's."""

    status = 401
    title = Text("Нужно е удостоверяване", "Not authenticated")
    advice = Text(
        "Изпратете валиден токен за достъп в заглавието Authorization.",
        "Send a valid access token in the Authorization header.",
    )
    headers = {"WWW-Authenticate": 'Bearer realm="shop"'}  # noqa: RUF012 - read only


class InsufficientScope(ShopError):
    status = 403
    title = Text("Недостатъчни права", "Insufficient scope")
    advice = Text("За тази заявка е нужен обхват {scope}.", "This request needs the scope {scope}.")
    headers = {"WWW-Authenticate": 'Bearer realm="shop", error="insufficient_scope"'}  # noqa: RUF012 - read only


class ClientUnknown(ShopError):
    status = 404
    title = Text("Няма такъв клиент", "No such client")
    advice = Text("Проверете идентификатора {client_id}.", "Check the id {client_id}.")


class StaffAlreadyExists(ShopError):
    title = Text("Има служител с този адрес", "Staff member exists")
    advice = Text("Използвайте друг адрес на електронна поща.", "Use another e-mail address.")


class OAuthRefusal(ShopError):
    """A refusal of the token endpoint, in the form of RFC 6749 §5.2: what any OAuth2 client library reads.

    Its description may only be in ASCII, so there is no Bulgarian one.
    """

    status = 400
    error: ClassVar[str]
    headers = {"Content-Type": "application/json"}  # noqa: RUF012 - read only

    def document(self, language: Language) -> dict[str, Any]:  # noqa: ARG002 - the base class's signature
        return {"error": self.error, "error_description": self.advice.en.format(**self.members)}


class InvalidClient(OAuthRefusal):
    """One answer for an unknown client, a wrong secret and a revoked client."""

    status = 401
    error = "invalid_client"
    title = Text("Неуспешно удостоверяване на клиента", "Client authentication failed")
    advice = Text("Проверете идентификатора и тайната на клиента.", "Check the client id and the client secret.")
    headers = {**OAuthRefusal.headers, "WWW-Authenticate": 'Basic realm="shop", charset="UTF-8"'}  # noqa: RUF012 - read only


class InvalidRequest(OAuthRefusal):
    error = "invalid_request"
    title = Text("Неправилна заявка за токен", "Malformed token request")
    advice = Text(
        "Изпратете формуляр с всеки параметър най-много веднъж и един начин на удостоверяване.",
        "Send a form with each parameter at most once and one way of authenticating.",
    )


class UnsupportedGrantType(OAuthRefusal):
    error = "unsupported_grant_type"
    title = Text("Неподдържан grant_type", "Unsupported grant type")
    advice = Text("Използвайте grant_type=client_credentials.", "Use grant_type=client_credentials.")


class InvalidScope(OAuthRefusal):
    error = "invalid_scope"
    title = Text("Недопустим обхват", "Scope not allowed")
    advice = Text("Поискайте само обхвати, дадени на клиента.", "Ask only for scopes that the client was given.")


class SlowDown(OAuthRefusal):
    """Too many requests for tokens (the error code of RFC 8628 §3.5)."""

    status = 429
    error = "slow_down"
    title = Text("Твърде много опити", "Too many requests")
    advice = Text("Опитайте отново след {retry_after} секунди.", "Try again in {retry_after} seconds.")
