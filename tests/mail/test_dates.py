"""D9: how dates stand in Bulgarian sentences, and that no template or text writes them otherwise."""

import ast
import re
from pathlib import Path

import pytest

import app
from app.core.language import Language
from app.mail.writing import day, ended, moment
from tests.mail.flaws import FLAWS, flaws_of, flaws_of_page
from tests.mail.letters import AT

CODE = Path(app.__file__).parent
STOPPED = re.compile(r"\|\s*(?:day|moment)(?:\([^)]*\))?\s*\}\}\s*\.")
"""A date of a template with a full stop behind it; in English it is right."""


def test_d9_a_date_that_ends_a_sentence_brings_one_full_stop() -> None:
    assert ended(f"Платете до {day(AT.date(), Language.BG)}").endswith("22 ноември 2026\N{NARROW NO-BREAK SPACE}г.")
    assert ended(moment(AT, Language.BG)).endswith(" ч.")
    assert ended(day(AT.date(), Language.EN)) == "22 November 2026."


@pytest.mark.parametrize("file", sorted(CODE.rglob("templates/*")), ids=lambda file: file.name)
def test_d9_no_bulgarian_template_puts_a_full_stop_behind_a_date(file: Path) -> None:
    if file.suffix not in {".txt", ".html"} or ".en." in file.name:
        return
    assert not STOPPED.findall(file.read_text())


def dates_with_a_stop(code: str) -> list[str]:
    """Find f-strings in which a Bulgarian date, or one whose form says „г.“, is followed by a full stop."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for part, following in zip(node.values, node.values[1:], strict=False):
            stop = isinstance(following, ast.Constant) and str(following.value).startswith(".")
            written = ast.unparse(part)
            if stop and re.search(r"(?:day|moment)\(.*BG\)|г\.'?\}", written) and "ended(" not in written:
                found.append(written)
    return found


def test_d9_no_text_of_the_code_puts_a_full_stop_behind_a_bulgarian_date() -> None:
    found = {str(file.relative_to(CODE)): dates_with_a_stop(file.read_text()) for file in CODE.rglob("*.py")}
    assert {file: each for file, each in found.items() if each} == {}
    assert dates_with_a_stop('f"до {day(due, Language.BG)}. Край"')


@pytest.mark.parametrize(
    "text",
    ["до 22 ноември 2026 г..", "Здравейте , Ива", "Ива,, Петрова", "два  интервала", "до {day}", "{{ letter }}"],
)
def test_d9_flaws_are_seen_in_every_letter_that_a_test_has_sent(text: str) -> None:
    assert flaws_of(text)
    assert text == "два  интервала" or flaws_of_page(f"<p>{text}</p>")
    assert not flaws_of("Платете до 22 ноември 2026 г. Благодарим… № 3, ул. „Българска легия“ № 2.")


def test_d9_where_complaints_go_is_written_in_no_template_and_no_code() -> None:
    """One setting names it; the texts of declarations are kept as they were accepted."""
    named = re.compile(r"Лазаров|Lazarov|cpdp|kzld@|Гешов")
    files = [file for file in CODE.rglob("*") if file.suffix in {".py", ".txt", ".html", ".css"}]
    found = {str(file.relative_to(CODE)) for file in files if named.search(file.read_text())}
    assert found == {"settings/__init__.py"}
    assert not [file for file in files if re.search("до Комисия ", file.read_text())]


INTERESTS = "interests named otherwise than the Regulation names them"


@pytest.mark.parametrize("named", ["законен интерес", "Законните интереси", "законният ни интерес"])
def test_d9_interests_are_named_as_the_regulation_names_them(named: str) -> None:
    """GDPR Art. 6(1)(f) in Bulgarian: „за целите на легитимните интереси“."""
    files = [file for file in CODE.rglob("*") if file.suffix in {".py", ".txt", ".html"}]
    assert not [file for file in files if FLAWS[INTERESTS].search(file.read_text())]
    assert flaws_of(f"Основанието е {named} от сигурността на сайта.")
    assert not flaws_of("Основанието е легитимният ни интерес; законно е и в интерес на клиента.")


def newest_texts() -> list[Path]:
    """Find the newest of each kind: those before it stay as they were accepted; the policy is the shop's own word."""
    kinds = [folder for folder in (CODE / "privacy/texts").iterdir() if folder.name != "policy"]
    return [
        max(kind.glob(f"*.{language}.md"), key=lambda file: file.name[: -len(".bg.md")])
        for kind in sorted(kinds)
        for language in Language
    ]


@pytest.mark.parametrize("file", newest_texts(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_d9_the_newest_text_of_each_kind_has_no_flaw(file: Path) -> None:
    assert [flaw for line in file.read_text().splitlines() for flaw in flaws_of(line)] == []
