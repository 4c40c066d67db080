"""The alarms of upkeep: every word of them, in both languages and both forms."""

from pathlib import Path

import pytest

from app.core.language import Language
from app.upkeep.finding_standstills import Found
from app.upkeep.letters import AlarmLetter, StandstillLetter, standstill, upkeep_alarm
from app.upkeep.mailing import CHECK_ADVICE, CHECKS, FAILED, FAILED_ADVICE, UNSOUND, UNSOUND_ADVICE
from app.upkeep.models import BackupAct, Still
from tests.mail.letters import (
    AT,
    TRADER,
    assert_both_forms_say_the_same,
    assert_fetches_nothing_and_counts_nobody,
    body,
    post,
)

KEPT = Path(__file__).parent / "letters"
ALARMS = {
    "failed": (FAILED, ("the medium is full (ENOSPC)",), FAILED_ADVICE),
    "unreadable": (CHECKS[BackupAct.VERIFIED], ("chunk 2 was altered, or stands in another's place",), CHECK_ADVICE),
    "unsound": (UNSOUND, ("orders, block 3: the page is not what was written", "… +4"), UNSOUND_ADVICE),
}
SAMPLES = {
    f"{name}.{language}": upkeep_alarm(
        AlarmLetter(
            language=language, trader=TRADER, what=what.in_(language), at=AT, faults=faults, advice=advice.in_(language)
        )
    )
    for name, (what, faults, advice) in ALARMS.items()
    for language in Language
}
STANDING = (
    Found(Still.NOBODY),
    Found(Still.SILENT, count=2),
    Found(Still.QUEUE, count=12, minutes=47),
    Found(Still.PARKED, "book_shipment", 3),
    Found(Still.CONCERN, "posting", 1),
)
SAMPLES |= {
    f"standstill.{language}": standstill(
        StandstillLetter(
            language=language, trader=TRADER, at=AT, found=tuple(found.told(language) for found in STANDING)
        )
    )
    for language in Language
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_is_exactly_this(name: str) -> None:
    message = post(SAMPLES[name])

    assert f"{message['Subject']}\n\n{body(message, 'plain')}" == (KEPT / f"{name}.txt").read_text()
    assert message["Content-Language"] == name[-2:]


@pytest.mark.parametrize("name", SAMPLES)
def test_both_forms_say_the_same_and_fetch_nothing(name: str) -> None:
    assert_both_forms_say_the_same(post(SAMPLES[name]))
    assert_fetches_nothing_and_counts_nobody(post(SAMPLES[name]))
