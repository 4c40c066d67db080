"""The audit log: linked by the database, checked apart from it; whatever is done to it is found and named."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from app.auth.auditing import verifying
from app.auth.auditing.models import AuditEntry
from app.auth.auditing.queries import Head, find_head, list_entries
from app.auth.auditing.recording import Action, audit_insert, log_head, note
from app.auth.auditing.verifying import BATCH, MOST_TOLD, Entry, Findings, digest, verify
from app.core.db import Sessions, together
from tests.examples import examples
from tests.factories.auth import AT

IVA = "account:018f3c1e-0000-7000-8000-000000000001"
OWNER = "staff:018f3c1e-0000-7000-8000-000000000002"
FIRST = (
    b"1:1,16:1795348800000001,42:staff:018f3c1e-0000-7000-8000-000000000002,18:staff_role_changed,"
    b"44:account:018f3c1e-0000-7000-8000-000000000001,23:role: support \xe2\x86\x92 owner,"
)
SECOND = b"1:2,16:1795348800000002,8:operator,10:audit_read,-,-,"
NEW_HASH = "sha256('a')"
WITHOUT_GUARDS = (
    "ALTER TABLE audit_entries DISABLE TRIGGER USER",
    "ALTER TABLE audit_head DISABLE TRIGGER USER",
    "ALTER TABLE audit_entries DROP CONSTRAINT ck_audit_entries_action",
)


async def write(session: AsyncSession, count: int = 5) -> None:
    """Note reads of orders, no two alike."""
    for number in range(1, count + 1):
        at = AT + timedelta(seconds=number)
        await note(session, Action.PERSONAL_DATA_READ, actor=OWNER, subject=IVA, detail=f"order:{number}", at=at)


async def tamper(session: AsyncSession, *statements: str) -> None:
    """Do what the owner of the tables can; `anew N` gives entry N a hash that fits what it now says."""
    for statement in statements:
        if statement.startswith("anew "):
            await write_anew(session, int(statement.removeprefix("anew ")))
        else:
            await session.execute(text(statement))


async def write_anew(session: AsyncSession, sequence: int) -> None:
    before = text(
        "UPDATE audit_entries AS e SET previous = b.hash FROM audit_entries AS b"
        " WHERE e.sequence = :n AND b.sequence = :n - 1"
    )
    await session.execute(before, {"n": sequence})
    [row] = await session.execute(select(*verifying.COLUMNS).where(AuditEntry.sequence == sequence))
    fitting = digest(Entry(*row), sequence)
    await session.execute(
        text("UPDATE audit_entries SET hash = :hash WHERE sequence = :n"), {"hash": fitting, "n": sequence}
    )


def change(what: str, *of: int) -> str:
    return f"UPDATE audit_entries SET {what} WHERE sequence IN ({', '.join(map(str, of))})"  # noqa: S608 - of the tests


def remove(*of: int) -> str:
    return f"DELETE FROM audit_entries WHERE sequence IN ({', '.join(map(str, of))})"  # noqa: S608 - of the tests


MOVE_UP = (
    "UPDATE audit_entries SET sequence = -sequence - 1 WHERE sequence >= 3",
    "UPDATE audit_entries SET sequence = -sequence WHERE sequence < 0",
    "UPDATE audit_head SET sequence = 6",
)
INSERTED = (
    "INSERT INTO audit_entries SELECT {}, at, actor, action, subject, 'order:7', previous, hash"
    " FROM audit_entries WHERE sequence = {}"
)
HEAD_AS_LAST = (
    "UPDATE audit_head SET (sequence, hash) = (SELECT sequence, hash FROM audit_entries ORDER BY 1 DESC LIMIT 1)"
)
CUT_OFF = "the log was cut off, or its head altered"
TAMPERINGS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "at": ((change("at = at + interval '1 microsecond'", 3),), ["entry 3 was altered"]),
    "at no time": ((change("at = 'infinity'", 3),), ["entry 3 was altered"]),
    "actor": ((change("actor = 'operator'", 1),), ["entry 1 was altered"]),
    "action": ((change("action = 'audit_read'", 5),), ["entry 5 was altered"]),
    "an unknown action": ((change("action = ''", 5),), ["entry 5 was altered"]),
    "subject": ((change("subject = NULL", 2),), ["entry 2 was altered"]),
    "subject to nothing": ((change("subject = ''", 2),), ["entry 2 was altered"]),
    "detail": ((change("detail = 'order:9'", 4),), ["entry 4 was altered"]),
    "previous": ((change(f"previous = {NEW_HASH}", 3),), ["entry 3 was altered"]),
    "hash": ((change(f"hash = {NEW_HASH}", 3),), ["entry 3 was altered"]),
    "hash of the last": ((change(f"hash = {NEW_HASH}", 5),), ["entry 5 was altered"]),
    "several": ((change("detail = NULL", 1, 3, 4),), [f"entry {n} was altered" for n in (1, 3, 4)]),
    "first removed": ((remove(1),), ["entry 1 is missing"]),
    "middle removed": ((remove(2, 3),), ["entries 2–3 are missing"]),
    "two places removed": ((remove(2, 4),), ["entry 2 is missing", "entry 4 is missing"]),
    "last removed": ((remove(5),), [f"entry 5 is missing: {CUT_OFF}"]),
    "all removed": ((remove(1, 2, 3, 4, 5),), [f"entries 1–5 are missing: {CUT_OFF}"]),
    "exchanged": (
        (change("sequence = 9", 2), change("sequence = 2", 4), change("sequence = 4", 9)),
        [
            "entry 2 is out of its order: it was written as entry 4",
            "entry 4 is out of its order: it was written as entry 2",
        ],
    ),
    "neighbours exchanged": (
        (change("sequence = 9", 2), change("sequence = 2", 3), change("sequence = 3", 9)),
        [
            "entry 2 is out of its order: it was written as entry 3",
            "entry 3 is out of its order: it was written as entry 2",
        ],
    ),
    "moved into a gap": (
        (remove(2), change("sequence = 2", 4)),
        ["entry 2 is out of its order: it was written as entry 4", "entry 4 is missing"],
    ),
    "inserted": (
        (*MOVE_UP, INSERTED.format(3, 2)),
        [
            "entry 3 was altered",
            *(f"entry {n} is out of its order: it was written as entry {n - 1}" for n in (4, 5, 6)),
        ],
    ),
    "inserted with a hash that fits": (
        (*MOVE_UP, INSERTED.format(3, 2), "anew 3"),
        [f"entry {n} is out of its order: it was written as entry {n - 1}" for n in (4, 5, 6)],
    ),
    "inserted before the first": ((INSERTED.format(0, 1),), ["entry 0 has no place in the log"]),
    "added behind the head": ((INSERTED.format(6, 5), "anew 6"), ["entry 6 is beyond the head"]),
    "replaced": (
        (change("detail = 'order:9'", 3), "anew 3"),
        ["entry 4 does not continue entry 3: one of them was replaced"],
    ),
    "last replaced": (
        (change("detail = 'order:9'", 5), "anew 5"),
        ["the head is not entry 5: one of them was altered"],
    ),
    "head moved back": (("UPDATE audit_head SET sequence = 3",), [
        "the head is not entry 3: one of them was altered", "entries 4–5 are beyond the head",
    ]),
    "head moved on": (("UPDATE audit_head SET sequence = 7",), [f"entries 6–7 are missing: {CUT_OFF}"]),
    "hash of the head": (("UPDATE audit_head SET hash = sha256('a')",), [
        "the head is not entry 5: one of them was altered"
    ]),
    "head taken away": (("DELETE FROM audit_head",), ["the head of the log is gone"]),
}  # fmt: skip


async def test_an_entrys_hash_covers_all_of_it_and_the_hash_before(session: AsyncSession) -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC)
    await note(session, Action.STAFF_ROLE_CHANGED, actor=OWNER, subject=IVA, detail="role: support → owner", at=at)
    await note(session, Action.AUDIT_READ, actor="operator", at=at + timedelta(microseconds=1))

    first = sha256(bytes(32) + FIRST).digest()
    second = sha256(first + SECOND).digest()
    found = await session.execute(text("SELECT sequence, previous, hash FROM audit_entries ORDER BY sequence"))
    assert [tuple(row) for row in found] == [(1, bytes(32), first), (2, first, second)]
    assert await find_head(session) == Head(2, second)
    assert await verify(session) == Findings(2, Head(2, second), [], 0)


async def test_the_empty_log_is_intact(session: AsyncSession) -> None:
    assert await verify(session) == Findings(0, Head(0, bytes(32)), [], 0)
    assert (await verify(session, Head(0, bytes(32)))).faults == []
    assert (await verify(session, Head(1, bytes(32)))).faults == ["entry 1, which was noted down, is not there"]


async def test_nobody_chooses_a_place_or_a_hash(session: AsyncSession) -> None:
    await session.execute(
        text(
            "INSERT INTO audit_entries (sequence, at, actor, action, previous, hash)"
            " VALUES (77, now(), 'operator', 'audit_read', '\\x00', '\\x00')"
        )
    )
    findings = await verify(session)
    assert (findings.checked, findings.faults) == (1, [])
    assert findings.head is not None
    assert findings.head.sequence == 1


async def test_entries_of_one_statement_follow_each_other(session: AsyncSession) -> None:
    both = [audit_insert(action, actor=OWNER, at=AT) for action in (Action.LOGGED_OUT, Action.LOGGED_IN)]
    await session.execute(together(*both))
    findings = await verify(session)
    assert (findings.checked, findings.faults) == (2, [])


async def test_many_at_once_make_one_chain_without_a_gap(sessions: Sessions) -> None:
    async def work(worker: int) -> None:
        for number in range(10):
            async with sessions() as session:
                await note(session, Action.LOGGED_IN, actor=f"account:{worker}", detail=f"{number}", at=AT)
                if number % 3:
                    await session.commit()

    await asyncio.gather(*(work(worker) for worker in range(8)))
    async with sessions() as session:
        findings = await verify(session)
        assert (findings.checked, findings.faults) == (48, [])
        assert findings.head is not None
        assert findings.head.sequence == 48
        kept = await session.execute(text("SELECT detail, count(*) FROM audit_entries GROUP BY 1 ORDER BY 1"))
        assert [tuple(row) for row in kept] == [(number, 8) for number in "124578"]


async def test_whatever_is_done_to_the_log_is_found_and_named(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await write(session)
    for name, (statements, faults) in TAMPERINGS.items():
        async with sessions() as session:
            await tamper(session, *WITHOUT_GUARDS, *statements)
            assert (await verify(session)).faults == faults, name
    async with sessions() as session:  # each was rolled back
        assert (await verify(session)).faults == []


async def test_a_log_written_anew_contradicts_a_head_that_was_noted_down(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await write(session)
        noted = await find_head(session)
        assert noted is not None
        await note(session, Action.AUDIT_READ, actor=OWNER, at=AT)
        assert (await verify(session, noted)).faults == []
    as_a_whole = [change("detail = 'order:9'", 2), *(f"anew {n}" for n in range(2, 7)), HEAD_AS_LAST]
    async with sessions() as session:
        await tamper(session, *WITHOUT_GUARDS, *as_a_whole)
        assert (await verify(session)).faults == []
        assert (await verify(session, noted)).faults == [
            "entry 5 is not the one that was noted down: the log was written anew"
        ]
    async with sessions() as session:
        await tamper(session, *WITHOUT_GUARDS, remove(5, 6), HEAD_AS_LAST)
        assert (await verify(session)).faults == []
        assert (await verify(session, noted)).faults == ["entry 5, which was noted down, is not there"]


async def test_a_hundred_faults_are_named_and_the_others_counted(sessions: Sessions) -> None:
    many = (
        "INSERT INTO audit_entries (at, actor, action, detail)"
        " SELECT now(), 'operator', 'audit_read', n FROM generate_series(1, 2 * :batch + 30) AS n"
    )
    async with sessions() as session:
        await session.execute(text(many), {"batch": BATCH})
        seen: list[int] = []
        assert (await verify(session, progress=seen.append)).faults == []
        assert seen == [BATCH, 2 * BATCH, 2 * BATCH + 30]
        await tamper(session, *WITHOUT_GUARDS, change("detail = NULL", *range(BATCH, BATCH + 120)), remove(7))
        findings = await verify(session)
    assert (findings.checked, len(findings.faults), findings.untold) == (2 * BATCH + 29, MOST_TOLD, 21)
    assert findings.faults[:2] == ["entry 7 is missing", f"entry {BATCH} was altered"]


async def test_the_head_is_noted_outside_the_database(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await write(session, 2)
        head = await find_head(session)
    assert head is not None
    with capture_logs() as lines:
        await log_head(sessions)
    assert lines == [{"event": "audit_head", "log_level": "info", "head": f"2:{head.hash.hex()}"}]


async def test_entries_are_listed_newest_first_by_who_whom_and_what(session: AsyncSession) -> None:
    await write(session, 3)
    await note(session, Action.LOGGED_IN, actor=IVA, at=AT)
    everything = [entry.sequence for entry in await list_entries(session, limit=9)]
    assert everything == [4, 3, 2, 1]
    assert [entry.sequence for entry in await list_entries(session, before=4, limit=2)] == [3, 2]
    assert [entry.sequence for entry in await list_entries(session, actor=IVA, limit=9)] == [4]
    assert [entry.sequence for entry in await list_entries(session, subject=IVA, limit=9)] == [3, 2, 1]
    assert [entry.sequence for entry in await list_entries(session, action=Action.LOGGED_IN, limit=9)] == [4]
    assert await list_entries(session, actor=IVA, subject=IVA, limit=9) == []


async def test_an_action_outside_the_list_is_refused(sessions: Sessions) -> None:
    with pytest.raises(DBAPIError, match="ck_audit_entries_action"):
        async with sessions.begin() as session:
            await session.execute(
                text("INSERT INTO audit_entries (at, actor, action) VALUES (now(), 'operator', 'nothing')")
            )
    async with sessions() as session:
        assert await find_head(session) == Head(0, bytes(32))


# PostgreSQL keeps neither NUL nor halves of surrogate pairs.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from("-,:0123\\'\n"))
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the zone stands beside


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS | st.none(), TEXTS | st.none(), MOMENTS), min_size=1, max_size=4))
async def test_any_text_and_any_moment_is_linked_as_it_is_checked(
    sessions: Sessions, entries: list[tuple[str, str | None, str | None, datetime]]
) -> None:
    async with sessions() as session:
        for actor, subject, detail, at in entries:
            await note(session, Action.LOGGED_IN, actor=actor, subject=subject, detail=detail, at=at)
        findings = await verify(session)
        assert (findings.checked, findings.faults) == (len(entries), [])


@given(*[st.tuples(TEXTS, TEXTS, TEXTS | st.none(), TEXTS | st.none())] * 2)
def test_no_two_entries_are_written_alike(
    one: tuple[str, str, str | None, str | None], other: tuple[str, str, str | None, str | None]
) -> None:
    first, second = (Entry(1, "0", *parts, bytes(32), b"") for parts in (one, other))
    assert (digest(first, 1) == digest(second, 1)) == (one == other)
