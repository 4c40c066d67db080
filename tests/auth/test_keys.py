"""Signing keys: rotation, what is public, what is refused."""

import json
from typing import Any

import pytest
from jose import jws
from joserfc.jwk import ECKey

from app.auth.keys import KeyRing, KeysUnusable, generate_key
from tests.factories.auth import AT, make_tokens


def test_the_newest_key_signs_and_every_key_verifies() -> None:
    old, new = generate_key(), generate_key()
    before = make_tokens(KeyRing.from_json(json.dumps([old])))
    after = make_tokens(KeyRing.from_json(json.dumps({"keys": [new, old]})))
    earlier = before.issue(subject="cl_a", client_id="cl_a", scopes=["accounting"], at=AT)
    later = after.issue(subject="cl_a", client_id="cl_a", scopes=["accounting"], at=AT)
    assert after.read(earlier, at=AT).subject == "cl_a"
    assert ECKey.import_key(dict[str, str | list[str]](new)).thumbprint() == new["kid"]
    assert [key["kid"] for key in after.keys.public()["keys"]] == [new["kid"], old["kid"]]
    assert jws.get_unverified_header(later)["kid"] == new["kid"]


def test_the_public_set_holds_no_private_part() -> None:
    key = generate_key()
    (public,) = KeyRing.from_json(json.dumps([key])).public()["keys"]
    assert public == {
        "kty": "EC",
        "crv": "P-256",
        "x": key["x"],
        "y": key["y"],
        "alg": "ES256",
        "use": "sig",
        "kid": key["kid"],
    }


def test_a_key_without_a_name_is_named_by_its_thumbprint() -> None:
    key = generate_key()
    nameless = {part: value for part, value in key.items() if part != "kid"}
    assert KeyRing.from_json(json.dumps([nameless])).public()["keys"][0]["kid"] == key["kid"]


def _other(**parts: Any) -> Any:
    return [{**generate_key(), **parts}]


TWICE = generate_key()


@pytest.mark.parametrize(
    "keys",
    [
        "no JSON",
        [],
        {},
        {"keys": []},
        42,
        [TWICE, TWICE],
        _other(kty="RSA"),
        _other(crv="P-384"),
        _other(alg="HS256"),
        _other(d="A" * 42),
        _other(d="A" * 43),
        _other(x="A" * 43),
        _other(d=TWICE["d"]),
        _other(kid="a b"),
        [{part: value for part, value in TWICE.items() if part != "d"}],
    ],
)
def test_unusable_keys_are_refused_without_being_told(keys: Any) -> None:
    text = keys if isinstance(keys, str) else json.dumps(keys)
    with pytest.raises(KeysUnusable) as refused:
        KeyRing.from_json(text)
    assert refused.value.__cause__ is None
    assert TWICE["d"] not in str(refused.value)


def test_a_ring_shows_no_key() -> None:
    key = generate_key()
    assert key["d"] not in repr(KeyRing.from_json(json.dumps([key])))
    assert key["d"] not in repr(make_tokens(KeyRing.from_json(json.dumps([key]))))
