"""A backup that is not what was written is refused by name, and the database it was meant for stays empty."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.upkeep.archives import ArchiveWriter, Head, Kind, Manifest, Table, contents
from app.upkeep.keeping import checksum_path, read_backup
from app.upkeep.restoring import RestoreRefused, restore
from app.upkeep.sealed_files import FileUnsound, SealedWriter, opened
from app.upkeep.watching import Watch
from tests.shop import NOON, Shop
from tests.upkeep.rows import ask, backup_path, backups, vault

HEAD = Head(1, "0021", NOON.isoformat(), "18.4")


async def test_each_kind_of_damage_is_named_before_anything_is_written(shop: Shop, empty: str) -> None:
    await shop.ordered()
    path = await backup_path(shop)
    good = path.read_bytes()
    middle = len(good) // 2
    flipped = bytes([*good[:middle], good[middle] ^ 1, *good[middle + 1 :]])
    with_checksum, alone = "which is not what shop-", "chunk 1 was altered, or stands in another's place"
    for content, secret, beside, said in (
        (flipped, None, True, with_checksum),
        (good[:-1], None, True, with_checksum),
        (flipped, None, False, alone),
        (good[:-1], None, False, "it is cut off: chunk 1 is missing or incomplete"),
        (good + good[-100:], None, False, "it goes on after its end"),
        (good, "quite another secret", True, "it was sealed under another secret than SHOP_BACKUP_SECRET"),
        (b"", None, False, "it is no backup of this shop"),
    ):
        damaged = path.parent / "moved" / path.name
        damaged.parent.mkdir(exist_ok=True)
        damaged.write_bytes(content)
        checksum_path(damaged).unlink(missing_ok=True)
        if beside:
            checksum_path(damaged).write_text(checksum_path(path).read_text())
        with pytest.raises(RestoreRefused, match=said) as refused:
            restore(empty, damaged, secret or vault(shop).secret, Watch())
        assert str(refused.value).startswith(f"{path.name} is not restored: ")
        assert ask(empty, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]


async def test_the_register_notes_what_a_look_at_a_backup_found(shop: Shop) -> None:
    path = await backup_path(shop)
    assert (await backups(shop).verify(path, Watch())).head.revision == (await shop.rows("TABLE alembic_version"))[0][0]
    damaged = bytearray(path.read_bytes())
    damaged[-20] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(FileUnsound, match="its SHA-256 is"):
        await backups(shop).verify(path, Watch())
    noted = await shop.rows("SELECT act, fault IS NULL FROM backup_events ORDER BY at, id")
    assert noted == [("verified", True), ("verified", True), ("verified", False)]
    assert (await shop.jobs())["send_mail", "todo"] == 1


def archive(tmp_path: Path, write: Callable[[ArchiveWriter], None]) -> Path:
    path = tmp_path / "made-by-hand.backup"
    with path.open("wb") as file:
        writer = ArchiveWriter(SealedWriter(file, "s"))
        write(writer)
        writer.close()
    return path


def _without_manifest(writer: ArchiveWriter) -> None:
    writer.say(Kind.HEAD, HEAD)


def _without_head(writer: ArchiveWriter) -> None:
    writer.say(Kind.TABLE, Table("orders", ["id"]))


def _of_another_format(writer: ArchiveWriter) -> None:
    writer.say(Kind.HEAD, Head(2, "0021", NOON.isoformat(), "18.4"))


def _rows_before_a_table(writer: ArchiveWriter) -> None:
    writer.say(Kind.HEAD, HEAD)
    writer.part(Kind.ROWS, b"1\n")


def _other_tables(writer: ArchiveWriter) -> None:
    writer.say(Kind.HEAD, HEAD)
    writer.say(Kind.TABLE, Table("orders", ["id"]))
    writer.say(Kind.MANIFEST, Manifest(HEAD, [], []))


def _other_rows(writer: ArchiveWriter) -> None:
    writer.say(Kind.HEAD, HEAD)
    writer.say(Kind.TABLE, Table("orders", ["id"]))
    writer.part(Kind.ROWS, b"1\n")
    writer.say(Kind.MANIFEST, Manifest(HEAD, [Table("orders", ["id"], 2, "ab")], []))


def _goes_on(writer: ArchiveWriter) -> None:
    writer.say(Kind.HEAD, HEAD)
    writer.say(Kind.MANIFEST, Manifest(HEAD, [], []))
    writer.say(Kind.MANIFEST, Manifest(HEAD, [], []))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (_without_manifest, "it has no manifest: it is not whole"),
        (_without_head, "its head is missing"),
        (_of_another_format, "it has format 2, this release reads 1"),
        (_rows_before_a_table, "its parts stand in a wrong order"),
        (_other_tables, "its tables are not those of its manifest"),
        (_other_rows, "table orders is not what the manifest says"),
        (_goes_on, "its parts stand in a wrong order"),
    ],
)
def test_an_archive_that_contradicts_itself_is_refused(
    tmp_path: Path, write: Callable[[ArchiveWriter], None], said: str
) -> None:
    with pytest.raises(FileUnsound, match=said):
        read_backup(archive(tmp_path, write), "s", Watch())


def test_one_that_is_not_ended_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made-by-hand.backup"
    with path.open("wb") as file:
        sealed = SealedWriter(file, "s")
        ArchiveWriter(sealed).say(Kind.HEAD, HEAD)
        sealed.close()  # what was compressed is still waiting
    with path.open("rb") as file, pytest.raises(FileUnsound, match="what it holds ends too early"):
        list(contents(opened(file, "s")))
