"""Hands the files of a month over: each is written whole, and recorded before it is sent (S35).

A file and whose data are in it are read at one moment, in one transaction. What may fail, or wait, comes before the
record: nothing is recorded that was never handed over.
"""

from zipfile import ZipFile

from app.accounting.month import files
from app.accounting.month.archive import Archive, archive_name, write_archive
from app.accounting.month.files import FileName, Reading
from app.core.db import let_go
from app.core.spooling import READING, FileAnswer, Spool
from app.core.zips import ZIP
from app.mail.writing import Trader


async def hand_over_archive(reading: Reading, trader: Trader, spool: Spool, *, actor: str) -> FileAnswer:
    await let_go(reading.session)
    with ZipFile(spool, "w") as packed:
        archive = Archive(packed, reading)
        async with READING.one():
            said = await write_archive(archive)
            await let_go(reading.session)
        await archive.finish(said, trader)
    await archive.record(actor=actor)
    return FileAnswer(spool, media_type=ZIP, filename=archive_name(reading.month))


async def hand_over_file(
    file: FileName, reading: Reading, spool: Spool, *, actor: str, media_type: str, filename: str
) -> FileAnswer:
    """Write a file and record whose data go in it; what is refused leaves no record."""
    await let_go(reading.session)
    async with READING.one():
        await files.be_patient(reading.session)
        async for part in files.WRITERS[file](reading):
            spool.write(part)
        await files.record_handing_over(reading, file, actor=actor)
        await let_go(reading.session)
    return FileAnswer(spool, media_type=media_type, filename=filename)
