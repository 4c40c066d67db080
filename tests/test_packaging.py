"""What is shipped is what is tested: one lock, one list of system packages, an image and a compose file to match."""

import ast
import fnmatch
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.core.privileges import LesserRole
from app.core.signs import AGAIN_SECONDS
from app.settings import MisconfiguredError, Settings
from app.settings.owner import owner_url
from tests.production import GIVEN

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
MAKEFILE = (ROOT / "Makefile").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
PACKAGES = (ROOT / ".ci" / "system-packages.txt").read_text().split()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())

ENTRIES = {
    ".ci", ".dockerignore", ".gitignore", "Dockerfile", "LICENSE", "Makefile", "README.md", "alembic.ini", "app",
    "benchmarks", "compose.yaml", "migrations", "openapi.yaml", "pyproject.toml", "requirements.lock", "tests",
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """Read the Dockerfile: comments left out, continued lines joined, each as its word and its rest."""
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(word, re.sub(r"\s+", " ", rest)) for word, rest in (line.split(maxsplit=1) for line in lines)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def of(stage: list[tuple[str, str]], wanted: str) -> list[str]:
    return [rest for word, rest in stage if word == wanted]


def locked() -> dict[str, tuple[str, list[str]]]:
    """Read the lock: name → version and hashes; a line that is neither is refused."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in LOCK.replace(" \\\n", " ").splitlines():
        match = re.fullmatch(r"([a-z0-9-]+)==([^ ;]+)( ; [^-]+?)?((?:\s+--hash=sha256:[0-9a-f]{64})*)", line)
        assert match, line[:80]
        assert match[1] not in found, match[1]
        found[match[1]] = (match[2], re.findall(r"[0-9a-f]{64}", match[4]))
    return found


def tracked(*folders: str) -> list[str]:
    listing = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, check=True, capture_output=True, text=True)
    return listing.stdout.splitlines()


def shipped_distributions() -> set[str]:
    """Walk from the shop's own dependencies, the test tools left out, to everything that the image gets."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in PROJECT["dependencies"]]
    seen = set()
    while waiting:
        wish = waiting.pop()
        name = canonicalize_name(wish.name)
        if (name, frozenset(wish.extras)) in seen:
            continue
        seen.add((name, frozenset(wish.extras)))
        found.add(name)
        for line in metadata.requires(name) or []:
            further = Requirement(line)
            marker = further.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *wish.extras)):
                waiting.append(further)
    return found


def imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"app"}


def test_every_line_of_the_lock_is_one_version_with_its_hashes_and_nothing_else() -> None:
    found = locked()
    assert len(found) > 100
    assert [name for name, (_, hashes) in found.items() if not hashes] == []
    assert not re.search(r"://|file:|index|find-links|/", LOCK)


def test_the_lock_answers_every_wish_of_the_project() -> None:
    found = locked()
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    for wish in (Requirement(line) for line in [*PROJECT["dependencies"], *extras]):
        version, _ = found[canonicalize_name(wish.name)]
        assert wish.specifier.contains(version, prereleases=True), wish


def test_what_runs_here_is_what_is_locked() -> None:
    found = locked()
    wishes = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert {name: metadata.version(name) for name in wishes} == {name: found[name][0] for name in wishes}


def test_the_image_gets_every_library_that_the_shop_imports() -> None:
    shipped = shipped_distributions()
    providers = metadata.packages_distributions()
    missing = {
        f"{file.relative_to(ROOT)}: {module}"
        for file in (ROOT / "app").rglob("*.py")
        for module in imported(file)
        if not shipped & {canonicalize_name(name) for name in providers.get(module, [])}
    }
    assert missing == set()


def test_every_template_and_text_is_part_of_the_package() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]
    left_out = []
    for file in tracked("app", "migrations"):
        package, _, path = file.partition("/")
        kept = any(fnmatch.fnmatch(path, pattern.removeprefix("**/")) for pattern in patterns[package])
        # The hashes of migrations are for who changes the code: nothing that is installed reads them.
        if not file.endswith((".py", ".sha256")) and not kept:
            left_out.append(file)
    assert left_out == []


def test_the_image_is_built_from_the_lock_and_takes_from_nowhere_else() -> None:
    build, _ = stages()
    runs = " ".join(of(build, "RUN"))
    assert "pip wheel --no-cache-dir --require-hashes --wheel-dir wheels --requirement requirements.lock" in runs
    assert re.search(r"install --no-cache-dir --no-index --find-links wheels " + PROJECT["name"], runs)
    assert "--require-hashes --requirement requirements.lock" in MAKEFILE


def test_image_and_machine_take_their_system_packages_from_one_list() -> None:
    _, final = stages()
    assert "COPY .ci/system-packages.txt /tmp/system-packages.txt" in [f"COPY {rest}" for rest in of(final, "COPY")]
    assert "xargs -a /tmp/system-packages.txt apt-get install" in of(final, "RUN")[0]
    assert "$$(cat .ci/$@.txt)" in MAKEFILE
    assert "ready: system-packages " in MAKEFILE
    for text in ((ROOT / "Dockerfile").read_text(), MAKEFILE):
        assert not [package for package in PACKAGES if package in text]
    assert sorted(PACKAGES) == PACKAGES
    assert "libharfbuzz-subset0" in PACKAGES  # without it a PDF takes five times as long


def test_what_tests_alone_need_comes_with_them_and_is_in_no_image() -> None:
    needed = (ROOT / ".ci" / "test-packages.txt").read_text().split()
    assert needed == ["chromium"]
    assert re.findall(r"^([a-z-]+):[a-z ]* test-packages\b", MAKEFILE, re.MULTILINE) == ["test", "test-all", "promises"]
    slow = (ROOT / ".ci" / "slow-packages.txt").read_text().split()
    assert slow == ["default-jre-headless", "libjaxb-java"]  # 400 MB: only who runs the slow tests waits for them
    assert re.findall(r"^([a-z-]+):[a-z -]* slow-packages\b", MAKEFILE, re.MULTILINE) == ["test-all"]
    assert not {"playwright", "axe-playwright-python", "opendataloader-pdf"} & shipped_distributions()
    image = (ROOT / "Dockerfile").read_text() + (ROOT / ".dockerignore").read_text()
    assert not [word for word in ("test-packages", "slow-packages") if word in image]


def test_no_build_tools_are_left_in_the_image() -> None:
    build, final = stages()
    assert of(build, "FROM") == ["python:3.11-slim-bookworm AS build"]
    assert of(final, "FROM") == ["python:3.11-slim-bookworm"]
    assert not [package for package in PACKAGES if re.search(r"-dev$|^(gcc|g\+\+|make|build-essential|git)$", package)]
    runs = " ".join(of(final, "RUN"))
    assert runs.count("apt-get install") == 1
    assert "pip uninstall -y setuptools wheel pip" in runs
    assert "rm -rf /var/lib/apt/lists/*" in runs
    assert "--without-pip /opt/shop" in " ".join(of(build, "RUN"))
    assert of(final, "COPY") == [".ci/system-packages.txt /tmp/system-packages.txt", "--from=build /opt/shop /opt/shop"]


def test_the_image_runs_as_nobody_of_weight_and_can_be_asked_how_it_is() -> None:
    _, final = stages()
    words = [word for word, _ in final]
    assert of(final, "USER") == ["10001"]
    assert words.index("USER") > len(words) - 1 - words[::-1].index("RUN")
    assert of(final, "STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(of(final, "ENTRYPOINT")[0]) == ["shop"]
    assert PROJECT["scripts"]["shop"] == "app.cli:main"
    assert json.loads(of(final, "CMD")[0]) == ["api", "--host", "0.0.0.0"]  # noqa: S104 - within the container
    options, _, asked = of(final, "HEALTHCHECK")[0].partition(" CMD ")
    assert "--timeout=4s" in options
    assert json.loads(asked)[:2] == ["python", "-c"]
    assert "http://127.0.0.1:8000/health/live" in asked
    compile(json.loads(asked)[2], "HEALTHCHECK", "exec")
    assert "SHOP_ENVIRONMENT=production" in of(final, "ENV")[0]


def test_what_the_image_copies_is_let_in() -> None:
    build, final = stages()
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [rest.split()[:-1] for rest in (*of(build, "COPY"), *of(final, "COPY")) if "--from" not in rest]
    assert {source for sources in copied for source in sources} == let_in
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*"


def test_compose_runs_the_migrations_before_whoever_needs_them() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"postgres", "migrate", "api", "worker"}
    assert [services[name]["command"][0] for name in ("migrate", "api", "worker")] == ["migrate", "api", "worker"]
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["restart"] == "unless-stopped"
    assert services["migrate"]["restart"].startswith("on-failure")


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_compose_gives_the_shop_no_more_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["build"] == "."
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["stop_grace_period"] == "40s"
    # The worker alone writes anything that is to last: backups, which a restore reads. What the api spools has no name.
    backups = "${SHOP_BACKUP_VOLUME:-backups}:/var/backups/shop"
    volumes = {"worker": [backups], "migrate": [f"{backups}:ro"], "api": ["spool:/var/spool/shop"]}
    assert service.get("volumes") == volumes[name]
    assert ("ports" in service) == (name == "api")


def test_compose_keeps_the_database_to_itself_and_its_data_in_a_volume() -> None:
    postgres = COMPOSE["services"]["postgres"]
    assert postgres["image"] == "postgres:18"
    assert "ports" not in postgres
    assert postgres["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "postgres" in COMPOSE["volumes"]
    assert postgres["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]


def test_g2_compose_lets_no_connection_be_reset_that_waits_for_a_process_which_ends() -> None:
    """Each process listens on a socket of its own, whose queue ends with it: of 64 connections 42 were reset."""
    assert COMPOSE["services"]["api"]["sysctls"] == {"net.ipv4.tcp_migrate_req": 1}


def test_compose_has_a_worker_without_a_sign_of_life_killed_and_started_again() -> None:
    worker = COMPOSE["services"]["worker"]
    check = worker["healthcheck"]
    _, final = stages()
    folder = Path(re.findall(r"SHOP_FOLDER=(\S+)", of(final, "ENV")[0])[0])
    assert check["test"] == ["CMD", "python", "-m", "app.core.signs", str(folder / "workers")]
    assert float(check["timeout"].removesuffix("s")) > AGAIN_SECONDS
    assert worker["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_no_service_takes_the_machine_from_the_others_or_has_rights_of_its_kernel(name: str) -> None:
    service = COMPOSE["services"][name]
    assert re.fullmatch(r"\$\{SHOP_[A-Z]+_MEMORY:-[1-9]g\}|1g", service["mem_limit"])
    assert service["pids_limit"] == 512
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    # What the entry point of PostgreSQL's image does as root before it is the server's user, and nothing of networks.
    entering = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
    assert service.get("cap_add") == (entering if name == "postgres" else None)


def test_compose_gives_the_owners_password_to_who_migrates_alone(
    monkeypatch: pytest.MonkeyPatch, written: dict[str, str]
) -> None:
    secret = written["SHOP_OWNER_DATABASE_PASSWORD"]
    for name in ("api", "worker"):
        assert [key for key, value in environment_of(name, written).items() if secret in value] == []
    environment = environment_of("migrate", written)
    settings = start(monkeypatch, environment)
    owner = owner_url(settings)
    assert owner == f"postgresql+psycopg://shop:{secret}@postgres:5432/shop"
    assert settings.database_url is not None
    at_work = LesserRole.of(settings.database_url.get_secret_value())
    assert (at_work.name, at_work.password) == ("shop_app", written["SHOP_DATABASE_PASSWORD"])
    assert COMPOSE["services"]["postgres"]["environment"]["POSTGRES_USER"] == "shop"
    start(monkeypatch, {**environment, "SHOP_OWNER_DATABASE_URL": ""})
    with pytest.raises(MisconfiguredError, match="SHOP_OWNER_DATABASE_URL is not set"):
        owner_url(settings)


def test_compose_keeps_backups_where_the_image_lets_the_worker_write() -> None:
    _, final = stages()
    assert "backups" in COMPOSE["volumes"]
    assert COMPOSE["services"]["worker"]["environment"]["SHOP_BACKUP_FOLDER"] == "/var/backups/shop"
    assert "install --directory --owner=10001 --mode=0700 /var/backups/shop" in of(final, "RUN")[0]
    assert of(final, "USER") == ["10001"]


def test_the_image_knows_what_was_locked() -> None:
    build, _ = stages()
    assert "cp requirements.lock app/ && pip wheel" in of(build, "RUN")[1]
    assert "requirements.lock" in PYPROJECT["tool"]["setuptools"]["package-data"]["app"]


INSISTED = re.compile(r"\$\{(SHOP_[A-Z0-9_]+):\?")
OF_COMPOSE_ALONE = {"SHOP_DATABASE_PASSWORD", "SHOP_OWNER_DATABASE_PASSWORD", "SHOP_TRUSTED_PROXIES"}
"""Two are parts of addresses; without the third, `shop api` believes a proxy on its own machine."""


def insisted() -> set[str]:
    return {*INSISTED.findall((ROOT / "compose.yaml").read_text())}


def environment_of(service: str, given: Mapping[str, str]) -> dict[str, str]:
    """Put what `.env` holds into a service's environment, as Compose does; a KeyError is Compose's own refusal."""

    def value(found: re.Match[str]) -> str:
        name, how, default = found[1], found[2], found[3]
        return given[name] if how == ":?" else given.get(name) or default

    written = COMPOSE["services"][service]["environment"].items()
    return {
        **given,
        **{name: re.sub(r"\$\{([A-Z0-9_]+)(:[?-])([^}]*)\}", value, str(text)) for name, text in written},
    }


def start(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> Settings:
    for name in [*os.environ]:
        if name.startswith("SHOP_"):
            monkeypatch.delenv(name)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    return Settings()


@pytest.fixture
def written() -> dict[str, str]:
    """Give the least that `.env` must hold."""
    return {
        "SHOP_DATABASE_PASSWORD": "correcthorsebattery",
        "SHOP_OWNER_DATABASE_PASSWORD": "staplerunningdeeper",
        "SHOP_TRUSTED_PROXIES": "172.18.0.1",
        **{f"SHOP_{name}": text for name, text in GIVEN.items() if f"SHOP_{name}" in insisted()},
    }


@pytest.mark.parametrize("service", ["migrate", "api", "worker"])
def test_production_starts_with_what_compose_insists_on(
    monkeypatch: pytest.MonkeyPatch, written: dict[str, str], service: str
) -> None:
    settings = start(monkeypatch, environment_of(service, written))
    assert settings.is_production
    assert settings.private_hosts == ("postgres",)


def test_a_host_of_ones_own_is_private_beside_the_database(
    monkeypatch: pytest.MonkeyPatch, written: dict[str, str]
) -> None:
    plain = {"SHOP_PRIVATE_HOSTS": "mail", "SHOP_SMTP_HOST": "mail", "SHOP_SMTP_ENCRYPTION": "none"}
    assert start(monkeypatch, environment_of("worker", written | plain)).private_hosts == ("postgres", "mail")


def test_what_production_insists_on_is_what_compose_insists_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MisconfiguredError) as refused:
        start(monkeypatch, {"SHOP_ENVIRONMENT": "production"})
    missed = {fault.split()[0] for fault in str(refused.value).removeprefix("not fit for production: ").split("; ")}
    assert (missed - {"SHOP_DATABASE_URL"}) == insisted() - OF_COMPOSE_ALONE


@pytest.mark.parametrize("name", sorted(insisted()))
def test_compose_starts_without_none_of_what_it_insists_on_and_production_neither(
    monkeypatch: pytest.MonkeyPatch, written: dict[str, str], name: str
) -> None:
    given = environment_of("migrate", written)
    with pytest.raises(KeyError, match=name):
        environment_of("migrate", {key: text for key, text in written.items() if key != name})
    if name not in OF_COMPOSE_ALONE:
        with pytest.raises(MisconfiguredError, match=name):
            start(monkeypatch, {key: text for key, text in given.items() if key != name})


def test_the_first_commands_of_production_are_written_down() -> None:
    """What `.env` needs is made before there is one: nothing of it goes through Compose, which insists on all."""
    chapter = (ROOT / "README.md").read_text().partition("## In production")[2].partition("\n## ")[0]
    image = COMPOSE["services"]["api"]["image"]
    build, key, up = f"docker build -t {image} .", f"docker run --rm {image} keys new", "docker compose up -d"
    assert -1 < chapter.find(build) < chapter.find(key) < chapter.find(up)
    for name in insisted():
        assert name in chapter, name


def test_the_root_holds_what_one_expects_there() -> None:
    assert {path.partition("/")[0] for path in tracked()} - ENTRIES == set()


def test_make_says_what_it_can_do_and_ci_calls_it() -> None:
    listing = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for target in ("run", "demo", "test", "test-all", "bench", "openapi", "lock"):
        assert f"  make {target} " in listing
    ci = ROOT / ".ci" / "run"
    assert os.access(ci, os.X_OK)
    assert "exec make test" in ci.read_text()
