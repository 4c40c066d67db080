"""Access tokens: what is in them, and every way in which one is no token of ours."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from app.auth.keys import KeyRing, generate_key
from app.auth.tokens import KIND, TokenRefused, Tokens
from tests.factories.auth import AT, AUDIENCE, ISSUER, make_ring, make_tokens

KEY = generate_key()
TOKENS = make_tokens(KeyRing.from_json(json.dumps([KEY])))
NOW = int(AT.timestamp())
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "cl_a",
    "client_id": "cl_a",
    "scope": "accounting",
    "iat": NOW,
    "nbf": NOW,
    "exp": NOW + 900,
    "jti": "f" * 32,
}


def b64(content: bytes | dict[str, Any]) -> str:
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def parts(token: str) -> list[dict[str, Any]]:
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def issue(**claims: Any) -> str:
    """Sign these claims with the shop's own key; None takes one away."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return TOKENS.keys.sign(said, KIND)


def header(**changes: Any) -> str:
    """Take a good token and write another header over its signature."""
    token = issue()
    found = {name: value for name, value in {**parts(token)[0], **changes}.items() if value is not None}
    return ".".join([b64(found), *token.split(".")[1:]])


def symmetric(secret: bytes, algorithm: str = "HS256") -> str:
    """Sign with HMAC, the public key as its secret: the confusion of algorithms."""
    kid = TOKENS.keys.public()["keys"][0]["kid"]
    signed = f"{b64({'alg': algorithm, 'kid': kid, 'typ': KIND})}.{b64(CLAIMS)}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def public_pem() -> bytes:
    key = TOKENS.keys.find(KEY["kid"])
    assert key is not None
    pem: bytes = key.to_pem()
    return pem


def encrypted() -> str:
    """Encrypt and compress, as a bomb would be."""
    secret = OctKey.import_key(b"k" * 32)
    return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM", "zip": "DEF"}, b"0" * 100_000, secret)


def test_a_token_says_what_rfc_9068_asks() -> None:
    token = TOKENS.issue(subject="cl_a", client_id="cl_a", scopes=["shipments", "accounting"], at=AT)
    head, said = parts(token)
    assert head == {"alg": "ES256", "kid": KEY["kid"], "typ": "at+jwt"}
    assert said == {**CLAIMS, "scope": "accounting shipments", "jti": said["jti"]}
    assert UUID(said["jti"]).version == 4


def test_a_token_is_read_back() -> None:
    claims = TOKENS.read(issue(scope="accounting shipments"), at=AT + timedelta(minutes=14))
    assert claims.subject == claims.client_id == "cl_a"
    assert claims.scopes == {"accounting", "shipments"}
    assert claims.issued_at == AT
    assert claims.expires_at == AT + timedelta(minutes=15)
    assert claims.id == "f" * 32


def test_two_tokens_of_one_moment_differ() -> None:
    first, second = (TOKENS.issue(subject="a", client_id="a", scopes=[], at=AT) for _ in range(2))
    assert parts(first)[1]["jti"] != parts(second)[1]["jti"]


BAD: dict[str, tuple[str, Callable[[], str]]] = {
    "empty": ("shape", lambda: ""),
    "one part": ("shape", lambda: "abc"),
    "no signature": ("shape", lambda: issue().rpartition(".")[0] + "."),
    "a letter too many": ("shape", lambda: issue() + "A"),
    "a letter that base64 has not": ("shape", lambda: issue()[:-3] + "!" + issue()[-3:]),
    "line break": ("shape", lambda: issue() + "\n"),
    "Cyrillic": ("shape", lambda: "а" + issue()[1:]),
    "oversize": ("shape", lambda: issue(scope="a" * 5000)),
    "encrypted": ("shape", encrypted),
    "encrypted in five parts": ("shape", lambda: ".".join(["eyJ"] * 4 + ["A" * 86])),
    "header is no JSON": ("header", lambda: ".".join([b64(b"{"), *issue().split(".")[1:]])),
    "header is a list": ("header", lambda: ".".join([b64(b"[]"), *issue().split(".")[1:]])),
    "header is deep": ("header", lambda: ".".join([b64(b"[" * 2500), *issue().split(".")[1:]])),
    "header is not UTF-8": ("header", lambda: ".".join([b64(b"\xff"), *issue().split(".")[1:]])),
    "header brings a key": ("header", lambda: header(jwk=KEY)),
    "header names an address": ("header", lambda: header(jku="https://evil.example")),
    "header is critical": ("header", lambda: header(crit=["exp"])),
    "header is compressed": ("header", lambda: header(zip="DEF")),
    "another kind of token": ("header", lambda: TOKENS.keys.sign(CLAIMS, "JWT")),
    "no kind": ("header", lambda: header(typ=None)),
    "no key's name": ("header", lambda: header(kid=None)),
    "unknown key": ("key_unknown", lambda: header(kid="other")),
    "key's name is a number": ("key_unknown", lambda: header(kid=1)),
    "key's name is a list": ("key_unknown", lambda: header(kid=[KEY["kid"]])),
    "foreign key": ("key_unknown", lambda: make_ring().sign(CLAIMS, KIND)),
    "foreign key, our name": (
        "signature",
        lambda: KeyRing.from_json(json.dumps([{**generate_key(), "kid": KEY["kid"]}])).sign(CLAIMS, KIND),
    ),
    "alg none": ("signature", lambda: header(alg="none")),
    "alg none, unsigned": ("shape", lambda: header(alg="none").rpartition(".")[0] + "."),
    "alg NONE": ("signature", lambda: header(alg="NONE")),
    "alg part of ES256": ("signature", lambda: header(alg="ES")),
    "alg ES384": ("signature", lambda: header(alg="ES384")),
    "alg RS256": ("signature", lambda: header(alg="RS256")),
    "alg HS256": ("signature", lambda: header(alg="HS256")),
    "alg empty": ("signature", lambda: header(alg="")),
    "alg a list": ("signature", lambda: header(alg=["ES256"])),
    "no alg": ("header", lambda: header(alg=None)),
    "HMAC with the public key": ("shape", lambda: symmetric(public_pem())),
    "HMAC with the public key, as long as a signature": ("signature", lambda: symmetric(public_pem()) + "A" * 43),
    "signed zeros": ("signature", lambda: issue().rpartition(".")[0] + "." + "A" * 86),
    "other claims": ("signature", lambda: ".".join([issue().split(".")[0], b64({**CLAIMS, "sub": "b"}), "A" * 86])),
    "wrong issuer": ("not_for_us", lambda: issue(iss="https://evil.example")),
    "wrong audience": ("not_for_us", lambda: issue(aud="https://other.example")),
    "several audiences": ("claims_missing", lambda: issue(aud=[AUDIENCE])),
    "expired": ("expired", lambda: issue(iat=NOW - 900, nbf=NOW - 900, exp=NOW)),
    "for later": ("not_yet_valid", lambda: issue(nbf=NOW + 60)),
    "issued later": ("not_yet_valid", lambda: issue(iat=NOW + 60)),
    "lives for years": ("lives_too_long", lambda: issue(exp=NOW + 10**9)),
    "lives without end": ("lives_too_long", lambda: issue(exp=10**18)),
    "moment is a text": ("claims_missing", lambda: issue(exp=str(NOW + 900))),
    "moment is a fraction": ("claims_missing", lambda: issue(exp=NOW + 899.5)),
    "moment is infinite": ("claims_missing", lambda: issue(exp=float("inf"))),
    "moment is true": ("claims_missing", lambda: issue(nbf=True)),
    "scope is a list": ("claims_missing", lambda: issue(scope=["accounting"])),
    "subject is a number": ("claims_missing", lambda: issue(sub=1)),
    **{f"no {name}": ("claims_missing", partial(issue, **{name: None})) for name in CLAIMS},
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_token_is_refused(case: str) -> None:
    reason, make = BAD[case]
    with pytest.raises(TokenRefused) as refused:
        TOKENS.read(make(), at=AT)
    assert refused.value.reason == reason
    assert str(refused.value) == reason


def test_what_was_signed_may_be_no_object() -> None:
    for payload in (b"[]", b"1", b"null", b'"x"', b"[" * 500, b"{", b"\xff"):
        signed = TOKENS.keys.sign(payload, KIND)  # type: ignore[arg-type] # what only a broken issuer would sign
        with pytest.raises(TokenRefused, match="claims_missing"):
            TOKENS.read(signed, at=AT)


def test_every_changed_letter_is_noticed() -> None:
    """Of the last letter only the upper two bits count, as in any base64."""
    token = issue()
    for place in range(len(token) - 1):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(TokenRefused):
            TOKENS.read(changed, at=AT)


def test_a_token_lives_fifteen_minutes() -> None:
    token = issue()
    for moment in (AT - timedelta(seconds=5), AT + timedelta(minutes=15, microseconds=-1)):
        assert TOKENS.read(token, at=moment).subject == "cl_a"
    with pytest.raises(TokenRefused, match="not_yet_valid"):
        TOKENS.read(token, at=AT - timedelta(seconds=6))
    with pytest.raises(TokenRefused, match="expired"):
        TOKENS.read(token, at=AT + timedelta(minutes=15))


def test_time_comes_from_the_clock_that_is_passed() -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    token = TOKENS.issue(subject="cl_a", client_id="cl_a", scopes=[], at=long_ago)
    assert TOKENS.read(token, at=long_ago).issued_at == long_ago


def test_another_shop_with_our_keys_is_another_shop() -> None:
    other = Tokens(TOKENS.keys, "https://test.example", AUDIENCE)
    with pytest.raises(TokenRefused, match="not_for_us"):
        other.read(issue(), at=AT)
