"""Letters that windows-1251 lacks: written with those it has, and named in the month's checks."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounting.month.letters import ENCODING, UNWRITABLE, written
from tests.accounting.month.parsers import read_ledger
from tests.accounting.month.test_closing import delivered
from tests.accounting.month.test_comparing import check, differences
from tests.accounting.month.test_delta import lines
from tests.accounting.month.test_month import get
from tests.fulfilment import story
from tests.shop import open_shop


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Müller & Søn", "Muller & Son"),
        ("Straße Łódź Đorđević Þór Ærø Œuvre ŁĞ ıİ", "Strasse Lodz Dordevic Thor Aero Oeuvre LG iI"),
        ("Mu\u0308ller", "Muller"),
        ("Київ їєґ ы э ё ў Ђорђе Љубљана Ќе Ѓ Џ", "Київ їєґ ы э ё ў Ђорђе Љубљана Ќе Ѓ Џ"),
        ("Ѝ ѝ Ѣ Қазақ Ғ Ө Ұлы Ҳ", "И и Е Казак Г О Улы Х"),
        ("„Ива“ – № 5… €", "„Ива“ – № 5… €"),
        ("а\u2010б \u2212 в\u2033", 'а-б - в"'),
        ("ＡＢ｜ﬁ ½", "AB|fi 1/2"),
        ("Ωμέγα", "*****"),
        ("漢字 😀", "** *"),
        ("Ива\u200bна", "Ивана"),
        ("Müller´s", "Muller's"),
        ("Ҡаҙан Йошкар-Оҥа Аҵа Ɖɔkita", "Казан Йошкар-Онга Атца Dokita"),
        ("Ива \U0001faea\U00031350", "Ива **"),
        ("Ив\ufffeа", "Ива"),
    ],
)
def test_d2_a_text_is_written_with_the_letters_that_there_are(text: str, plain: str) -> None:
    assert written(text) == plain


@given(st.text(st.characters(codec="utf-8")))
def test_d2_whatever_is_written_can_be_encoded_and_no_question_mark_comes_of_it(text: str) -> None:
    plain = written(text)
    assert plain.encode(ENCODING).decode(ENCODING) == plain
    assert written(plain) == plain
    if all(letter not in "?？﹖⁇⁈⁉" for letter in text):
        assert "?" not in plain


@given(st.text(st.sampled_from([*"абвгдежзийклмнопрстуфхцчшщъьюяАЯ abcXYZ0123456789.,-„“№€&"])))
def test_d2_what_needs_no_other_letters_stays_as_it_is(text: str) -> None:
    assert written(text) == text


async def test_d2_a_document_whose_letters_were_changed_is_named_in_the_checks(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        await delivered(shop, invoice=story.COMPANY)
        await delivered(shop, invoice={**story.COMPANY, "company_name": "Müller & Søn"})
        content = (await get(shop, "sales-ledger.txt")).content
        assert [row["name"] for row in read_ledger(content)][1] == "Muller & Son"
        assert (await lines(shop))[1][6] == "Muller & Son"
        assert await differences(shop) == [("letters", "0000000002", "ø ü", "o u")]
        assert await check(shop, "letters") == ("61.58", "61.58", True)
        archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
        cover = story.pdf_text(archive.read("00-cover.pdf"))
        assert "0000000002" in cover
        assert "ø ü" in cover


async def test_d2_a_closed_month_keeps_no_name_in_the_letters_that_were_changed(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        for name in ("李小龙", "Ωμέγα", "Şükrü Ğ"):
            await delivered(shop, invoice={**story.COMPANY, "company_name": name})
        assert await differences(shop) == [
            ("letters", "0000000001", None, "*"),
            ("letters", "0000000002", None, "*"),
            ("letters", "0000000003", "ü Ğ Ş", "u G S"),
        ]


async def test_d2_what_cannot_be_written_does_not_agree_and_a_field_keeps_its_width(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        await delivered(shop, invoice={**story.COMPANY, "company_name": "ß" * 30 + "Ωμ"})
        [row] = read_ledger((await get(shop, "sales-ledger.txt")).content)
        assert row["name"] == "s" * 50
        assert (await lines(shop))[0][6] == "s" * 60 + UNWRITABLE * 2
        assert await differences(shop) == [("letters", "0000000001", "ß", "ss *")]
        assert await check(shop, "letters") == ("30.79", "0.00", False)
        assert (await get(shop, "summary")).json()["agrees"] is False
