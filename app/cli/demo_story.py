"""What `shop demo` tells its story with: it speaks with the shop as each of its users does."""

import json
import re
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import httpx
import typer

from app.auth.models import StaffRole
from app.cli.demo_logins import code_of, of_staff

PATIENCE_SECONDS = 90
MAGIC = {".pdf": b"%PDF", ".zip": b"PK"}
"""What a file of this kind begins with."""
SECRETS = frozenset(
    {"access_token", "refresh_token", "client_secret", "password", "totp", "secret", "otpauth_uri", "recovery_codes"}
)


class Story:
    """Speaks with the shop as each of its users does, and keeps what they are given."""

    def __init__(self, run: dict[str, Any], papers: Path) -> None:
        self.run = run
        self.papers = papers
        self.step = 0
        self.http = httpx.Client(base_url=run["api"], timeout=30)
        # Somebody new each time: an address is registered once.
        self.email = f"iva-{token_hex(4)}@example.bg"
        self.password = token_urlsafe(16)  # hexadecimal digits are at times too easy to guess

    def ask(self, method: str, path: str, **request: Any) -> Any:
        return _read(self.http.request(method, path, **request))

    def keep(self, name: str, content: Any) -> Any:
        """Write a step's JSON under var/demo, its secrets struck out."""
        self.step += 1
        text = json.dumps(_struck(content), ensure_ascii=False, indent=2)
        (self.papers / f"{self.step:02d}-{name}.json").write_text(text + "\n")
        return content

    def download(self, path: str, name: str, headers: dict[str, str]) -> bytes:
        answer = self.http.get(path, headers=headers)
        paper = self.papers / name
        if answer.is_error or not answer.content.startswith(MAGIC[paper.suffix]):
            raise typer.BadParameter(f"{path} gave no {paper.suffix} file: {answer.status_code}")
        paper.write_bytes(answer.content)
        return answer.content

    def page(self, name: str, path: str, form: dict[str, str] | None = None) -> str:
        """Open a page, or send its form as the page does, and keep what is shown."""
        method, own = ("GET", {}) if form is None else ("POST", {"Origin": self.run["api"]})
        answer = self.http.request(method, path, data=form, headers=own)
        if answer.is_error:
            raise typer.BadParameter(f"{path} answered {answer.status_code}")
        (self.papers / name).write_text(answer.text)
        return answer.text

    def token(self, who: str) -> dict[str, str]:
        login = self._login(who)
        form = {"grant_type": "client_credentials"}
        answer = self.ask("POST", "/v1/auth/token", data=form, auth=(login["login"], login["password"]))
        return bearer(answer)

    def staff(self, role: StaffRole) -> dict[str, str]:
        """Log in as staff; a code that an earlier story used up is not taken again, the next one is."""
        login = self._login(of_staff(role))
        form = {"grant_type": "password", "scope": "staff", "username": login["login"], "password": login["password"]}
        tried: set[str] = set()

        def enter() -> Any:
            code = code_of(login["totp"])
            if code in tried:
                return None
            tried.add(code)
            answer = self.http.post("/v1/auth/token", data={**form, "otp": code})
            return None if answer.status_code == httpx.codes.BAD_REQUEST else _read(answer)

        return bearer(self.wait(f"{login['login']} logs in with a code", enter))

    def _login(self, who: str) -> dict[str, str]:
        return next(login for login in self.run["logins"] if login["who"] == who)

    def find_in_mails(self, words: re.Pattern[str]) -> str | None:
        """Find what she was mailed."""
        for file in (self.papers.parent / "mail").glob("*.eml"):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            plain = mail.get_body(("plain",))
            if mail["To"] == self.email and plain and (found := words.search(plain.get_content())):
                return found[1]
        return None

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        """Look until there is something to see, showing that we wait."""
        started = time.monotonic()
        print(f"   … {what} ", end="", flush=True)
        while time.monotonic() - started < PATIENCE_SECONDS:
            if found := look():
                print(f"({time.monotonic() - started:.0f} s)")
                return found
            print(".", end="", flush=True)
            time.sleep(0.5)
        print()
        raise typer.BadParameter(f"{what}: nothing after {PATIENCE_SECONDS} s; see var/log/")


def bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


def _read(answer: httpx.Response) -> Any:
    if answer.is_error:
        asked = answer.request
        raise typer.BadParameter(f"{asked.method} {asked.url.path} answered {answer.status_code}: {answer.text}")
    return answer.json() if answer.content else None


def _struck(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: "…" if key in SECRETS else _struck(value) for key, value in content.items()}
    return [_struck(each) for each in content] if isinstance(content, list) else content
