"""Refusals about who is calling."""

from typing import Any, ClassVar, Self

from app.auth.roles import PERMITS
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
    headers = {"WWW-Authenticate": 'Bearer realm="shop", error="invalid_token"'}  # noqa: RUF012 - read only

    @classmethod
    def without_token(cls) -> Self:
        """Refuse who sent no token: there is nothing wrong with it (RFC 6750 §3.1)."""
        refusal = cls()
        refusal.headers = {"WWW-Authenticate": 'Bearer realm="shop"'}
        return refusal


class InsufficientScope(ShopError):
    status = 403
    title = Text("Недостатъчни права", "Insufficient scope")
    advice = Text("За тази заявка е нужен обхват {scope}.", "This request needs the scope {scope}.")
    headers = {"WWW-Authenticate": 'Bearer realm="shop", error="insufficient_scope"'}  # noqa: RUF012 - read only
    example = {"scope": "shipments"}  # noqa: RUF012 - read only


class RoleInsufficient(ShopError):
    status = 403
    title = Text("Ролята не дава това право", "Role insufficient")
    advice = Text(
        "Нужно е правото „{right}“. Обърнете се към собственика на магазина.",
        "The right “{right}” is needed. Ask the owner of the shop.",
    )
    example = {"right": "cancel_orders"}  # noqa: RUF012 - read only
    words = {"right": PERMITS}  # noqa: RUF012 - read only


class TrainingMissing(ShopError):
    """Nobody works with customers' data who was not made acquainted with the law and the rules (S44, C15)."""

    status = 403
    title = Text("Няма вписано обучение", "No training on record")
    advice = Text(
        "Преди работа с лични данни трябва да бъде вписано действащо обучение за защитата им.",
        "Before working with personal data a training in data protection, still in force, has to be on record.",
    )


class LinkInvalid(ShopError):
    """One answer for a link that was used, that expired, and that was never sent."""

    status = 422
    title = Text("Връзката не е валидна", "Link not valid")
    advice = Text(
        "Връзката е използвана или срокът ѝ е изтекъл. Поискайте нова.",
        "The link was used, or it has expired. Ask for a new one.",
    )


class PasswordWrong(ShopError):
    status = 422
    title = Text("Грешна парола", "Wrong password")
    advice = Text("Проверете паролата и опитайте отново.", "Check the password and try again.")


class FreshLoginNeeded(ShopError):
    status = 403
    title = Text("Нужна е паролата или ново влизане", "Password or fresh login needed")
    advice = Text(
        "Изпратете и паролата си (password) или влезте отново и опитайте до десет минути.",
        "Send your password too (password), or log in again and try within ten minutes.",
    )


class ClientUnknown(ShopError):
    status = 404
    title = Text("Няма такъв клиент", "No such client")
    advice = Text("Проверете идентификатора {client_id}.", "Check the id {client_id}.")
    example = {"client_id": "cl_0123456789abcdef"}  # noqa: RUF012 - read only


class StaffAlreadyExists(ShopError):
    title = Text("Има служител с този адрес", "Staff member exists")
    advice = Text("Използвайте друг адрес на електронна поща.", "Use another e-mail address.")


class OAuthRefusal(ShopError):
    """A refusal of the token endpoint, in the form of RFC 6749 §5.2: what any OAuth2 client library reads.

    Its description may only be in ASCII, so there is no Bulgarian one.
    """

    status = 400
    error: ClassVar[str]
    headers = {"Content-Type": "application/json", "Content-Language": Language.EN.value}  # noqa: RUF012 - read only

    def document(self, language: Language) -> dict[str, Any]:  # noqa: ARG002 - the base class's signature
        return {"error": self.error, "error_description": self.advice.en.format(**self.members)}


class InvalidClient(OAuthRefusal):
    """One answer for an unknown client, a wrong secret, a revoked client and one that calls from elsewhere."""

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


class UnsupportedTokenType(OAuthRefusal):
    """A token that stays alive is not answered as if it were dead (RFC 7009 §2.2.1)."""

    error = "unsupported_token_type"
    title = Text("Токенът не може да се отмени", "Token cannot be revoked")
    advice = Text(
        "Отменят се само токени на влязъл човек. Токенът на машина важи до 15 минути и спира веднага, щом клиентът"
        " ѝ бъде отменен.",
        "Only tokens of somebody who logged in can be revoked. A machine's lives for 15 minutes, and ends at once when"
        " its client is revoked.",
    )


class UnsupportedGrantType(OAuthRefusal):
    error = "unsupported_grant_type"
    title = Text("Неподдържан grant_type", "Unsupported grant type")
    advice = Text(
        "Използвайте grant_type=password, refresh_token или client_credentials.",
        "Use grant_type=password, refresh_token or client_credentials.",
    )


class InvalidScope(OAuthRefusal):
    error = "invalid_scope"
    title = Text("Недопустим обхват", "Scope not allowed")
    advice = Text("Поискайте само обхвати, дадени на клиента.", "Ask only for scopes that the client was given.")


class UnauthorizedClient(OAuthRefusal):
    error = "unauthorized_client"
    title = Text("Клиентът няма право на този grant_type", "Client may not use this grant type")
    advice = Text(
        "С парола и refresh_token се влиза без тайна на клиент.",
        "People log in without a client secret; machines use grant_type=client_credentials.",
    )


class InvalidGrant(OAuthRefusal):
    """One answer for an unknown address, a wrong password, a wrong code and a refresh token that proves nothing."""

    error = "invalid_grant"
    title = Text("Неуспешно влизане", "Login failed")
    advice = Text(
        "Проверете адреса, паролата и кода.", "Check the address, the password and the code, or log in again."
    )


class SecondFactorNeeded(OAuthRefusal):
    """The password of a member of staff is right; the code is missing."""

    error = "mfa_required"
    title = Text("Нужен е код", "Second factor needed")
    advice = Text(
        "Изпратете и параметъра otp: код от приложението или код за възстановяване.",
        "Send the parameter otp too: a code of the authenticator app or a recovery code.",
    )


class OriginRefused(OAuthRefusal):
    """A refresh token in a cookie is only for pages of the shop's own (CSRF)."""

    status = 403
    error = "access_denied"
    title = Text("Заявка от чужда страница", "Request of a foreign page")
    advice = Text(
        "Бисквитката се приема само от страниците на магазина.",
        "The cookie is only taken from pages of the shop: the Origin header has to name one.",
    )


class AnotherSite(OAuthRefusal):
    """The cookie is `SameSite=Strict`: from a page of another site no browser keeps it, and none sends it."""

    status = 403
    error = "another_site"
    title = Text("Страницата е на друг сайт", "The page is of another site")
    advice = Text(
        "Страницата {page} и API на {api} са на два различни сайта, затова браузърът не пази бисквитката. Отворете ги"
        " под едно и също име, например и двете под localhost.",
        "The page {page} and the API at {api} are of two sites, so the browser does not keep the cookie. Open both"
        " under one name, for instance both under localhost.",
    )
    example = {"page": "http://localhost:5173", "api": "127.0.0.1"}  # noqa: RUF012 - read only


class SlowDown(OAuthRefusal):
    """Too many requests for tokens (the error code of RFC 8628 §3.5)."""

    status = 429
    error = "slow_down"
    title = Text("Твърде много опити", "Too many requests")
    advice = Text("Опитайте отново след {retry_after} секунди.", "Try again in {retry_after} seconds.")
    example = {"retry_after": 180}  # noqa: RUF012 - read only
