"""A sealed file opens as it was written, or says where it is not what was written."""

import io

import pytest

from app.upkeep.sealed_files import CHUNK, MAGIC, MARK, SALT, TAG, FileUnsound, SealedWriter, WrongKey, opened
from tests.dice import dice

HEAD = len(MAGIC) + SALT + MARK
WHOLE = 4 + CHUNK + TAG
"""A chunk that is full, with its length before it."""


def sealed(content: bytes, under: str = "first") -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, under)
    for start in range(0, len(content), 70_001):
        writer.write(content[start : start + 70_001])
    writer.close()
    assert writer.bytes == len(file.getvalue())
    return file.getvalue()


def read(content: bytes, under: str = "first") -> bytes:
    return b"".join(opened(io.BytesIO(content), under))


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_opens(length: int) -> None:
    content = dice(str(length)).randbytes(length)
    assert read(sealed(content)) == content


def test_the_same_content_is_never_sealed_alike_and_is_not_there_to_be_read() -> None:
    content = b"iva@example.bg" * 1000
    first, second = sealed(content), sealed(content)
    assert first != second
    assert b"iva@" not in first
    assert first[HEAD:] != second[HEAD:]


def test_several_secrets_open_what_each_has_sealed_and_the_first_seals() -> None:
    assert read(sealed(b"old", "old"), "new,old") == b"old"
    assert read(sealed(b"new", "new, old"), "new") == b"new"
    with pytest.raises(WrongKey, match="sealed under another secret than SHOP_BACKUP_SECRET"):
        read(sealed(b"new", "new,old"), "old")


CONTENT = dice("content").randbytes(2 * CHUNK + 1000)
SEALED = sealed(CONTENT)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (0, "its head is damaged"),
        (len(MAGIC), "its head is damaged"),
        (HEAD - 1, "its head is damaged"),
        (HEAD, "chunk 1 "),
        (HEAD + 3, "chunk 1 "),
        (HEAD + 4, "chunk 1 was altered"),
        (HEAD + WHOLE - 1, "chunk 1 was altered"),
        (HEAD + WHOLE, "chunk 2 "),
        (HEAD + WHOLE + 5, "chunk 2 was altered"),
        (HEAD + 2 * WHOLE, "chunk 3 "),
        (len(SEALED) - 1, "chunk 3 was altered"),
    ],
)
def test_a_flipped_byte_is_found_and_its_place_named(place: int, said: str) -> None:
    damaged = bytearray(SEALED)
    damaged[place] ^= 1
    with pytest.raises(FileUnsound, match=said):
        read(bytes(damaged))


def test_a_byte_flipped_anywhere_is_found() -> None:
    luck = dice()
    for place in [luck.randrange(len(SEALED)) for _ in range(60)]:
        damaged = bytearray(SEALED)
        damaged[place] ^= 1 << luck.randrange(8)
        with pytest.raises(FileUnsound):
            read(bytes(damaged))


@pytest.mark.parametrize("length", [0, 10, HEAD, HEAD + 2, HEAD + WHOLE, HEAD + WHOLE + 4, HEAD + 2 * WHOLE, -1])
def test_a_file_that_is_cut_off_is_found(length: int) -> None:
    with pytest.raises(FileUnsound):
        read(SEALED[:length])


def test_nothing_of_a_chunk_is_given_before_it_has_proved_good() -> None:
    given: list[bytes] = []
    with pytest.raises(FileUnsound, match="it is cut off: chunk 3 is missing or incomplete"):
        given.extend(opened(io.BytesIO(SEALED[: HEAD + 2 * WHOLE]), "first"))
    assert b"".join(given) == CONTENT[: 2 * CHUNK]


def test_chunks_that_are_swapped_repeated_left_out_or_added_are_found() -> None:
    head, first, second = SEALED[:HEAD], SEALED[HEAD : HEAD + WHOLE], SEALED[HEAD + WHOLE : HEAD + 2 * WHOLE]
    last = SEALED[HEAD + 2 * WHOLE :]
    for parts, said in (
        ((second, first, last), "chunk 1 was altered, or stands in another's place"),
        ((first, first, second, last), "chunk 2 was altered, or stands in another's place"),
        ((first, last), "chunk 2 was altered, or stands in another's place"),
        ((first, second, last, last), "it goes on after its end, chunk 3"),
        ((first, second, last, b"x"), "it goes on after its end, chunk 3"),
    ):
        with pytest.raises(FileUnsound, match=said):
            read(b"".join((head, *parts)))


def test_a_chunk_of_another_file_of_the_same_secret_is_found() -> None:
    other = sealed(CONTENT)
    with pytest.raises(FileUnsound, match="chunk 2 was altered"):
        read(SEALED[: HEAD + WHOLE] + other[HEAD + WHOLE :])
