"""The inspection pack, by call and by command."""

import stat
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.auth.models import StaffRole
from tests.backoffice.test_registers import audited
from tests.cli.test_operate import Terminal
from tests.shop import Shop


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    return Terminal(shop, tmp_path)


async def test_without_a_training_nothing_is_packed(shop: Shop) -> None:
    headers = await shop.staff(StaffRole.OWNER, trained=False)
    answer = await shop.http.get("/v1/staff/inspection-pack.zip", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "training-missing")
    assert await audited(shop, "inspection_packed") == []


async def test_the_command_writes_it_for_its_owner_alone_and_tells_how_far_it_is(
    shop: Shop, terminal: Terminal, tmp_path: Path
) -> None:
    await shop.ordered()
    to = tmp_path / "pack.zip"
    said = await terminal.done("inspect", "pack", "--no-paper", "--to", str(to))
    assert "clients: registers/clients.csv" in said
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    with ZipFile(to) as pack:
        assert pack.testzip() is None
        listed = sha256(pack.read("SHA256SUMS")).hexdigest()
        assert said.splitlines()[-1] == f"{to}: SHA256SUMS has the SHA-256 {listed}"
        assert oct(pack.getinfo("registers/clients.csv").external_attr >> 16) == "0o600"
    [(actor,)] = await shop.rows("SELECT actor FROM audit_entries WHERE action = 'inspection_packed'")
    assert actor == "operator"
    assert await terminal.refused("inspect", "pack", "--to", str(to)) == f"{to} is there already"
    assert not to.with_name(".pack.zip.part").exists()
