"""What is sealed is opened under the same secret, or a later one beside it, and under no other."""

import pytest

from app.core.sealing import SealBroken, Sealer

SECRET = "пълномощно".encode()


def test_what_is_sealed_is_not_readable_and_opens_again() -> None:
    sealed = Sealer("one").seal(SECRET)
    assert SECRET not in sealed
    assert Sealer("one").open(sealed) == SECRET
    assert Sealer("two, one").open(sealed) == SECRET


@pytest.mark.parametrize("secret", ["two", "One"])
def test_another_secret_does_not_open_it(secret: str) -> None:
    with pytest.raises(SealBroken):
        Sealer(secret).open(Sealer("one").seal(SECRET))


def test_what_was_altered_does_not_open() -> None:
    sealed = bytearray(Sealer("one").seal(SECRET))
    sealed[20] ^= 1
    with pytest.raises(SealBroken):
        Sealer("one").open(bytes(sealed))
