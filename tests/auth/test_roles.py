"""The table of rights: whose each is, and that README prints the same."""

import re
from pathlib import Path

from app.auth.models import StaffRole
from app.auth.roles import CHANGING, HOLDERS, PERMITS, PERSONAL, Right, rights_of

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `([a-z_]+)` \| (.+) \| ([a-z_, ]+) \|$", re.MULTILINE)


def test_readme_prints_the_table() -> None:
    section = README.read_text().partition("\n## Roles\n")[2].partition("\n## ")[0]
    assert ROW.findall(section) == [
        (right, PERMITS[right].en, ", ".join(role for role in StaffRole if role in HOLDERS[right])) for right in Right
    ]


def test_an_owner_may_everything_and_alone_decides_about_people_and_machines() -> None:
    assert HOLDERS.keys() == PERMITS.keys() == rights_of(StaffRole.OWNER) == set(Right)
    owners_alone = {right for right, roles in HOLDERS.items() if roles == {StaffRole.OWNER}}
    assert owners_alone == {Right.MANAGE_STAFF, Right.MANAGE_CLIENTS, Right.CLOSE_MONTHS}


def test_customers_data_are_closed_to_whose_work_needs_none() -> None:
    assert rights_of(StaffRole.EDITOR) == frozenset()
    assert rights_of(StaffRole.ACCOUNTANT) == {Right.READ_DOCUMENTS}
    assert rights_of(StaffRole.WAREHOUSE) == {
        Right.READ_ORDERS,
        Right.READ_WITHDRAWALS,
        Right.ISSUE_GOODS_NOTES,
    }
    assert CHANGING < PERSONAL
