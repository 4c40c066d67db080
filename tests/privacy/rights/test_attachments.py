"""Proxies and their papers: asked for, checked by content, sealed, gone with the decision."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.privacy.rights.asking import (
    PAPER,
    REQUESTS,
    act,
    ask,
    attachment,
    case,
    enter,
    log_of,
    officer,
    problem,
)
from tests.problems import of_kind
from tests.shop import Shop

PROXY = {"name": "Петър Иванов", "person_email": "iva@example.bg"}
JPEG, PNG = b"\xff\xd8\xff\xe0" + bytes(40), b"\x89PNG\r\n\x1a\n" + bytes(40)


async def attach(shop: Shop, me: dict[str, str], request: dict[str, str], content: bytes) -> httpx.Response:
    return await shop.http.post(f"{REQUESTS}/{request['id']}/attachments", **attachment(content), headers=me)


async def test_s77_a_proxy_is_asked_for_the_power_of_attorney_and_seen_before_anything_is_given(shop: Shop) -> None:
    proxy = await shop.account("petar@example.bg")
    asked = await ask(shop, proxy, proxy=PROXY)
    assert (asked["state"], asked["missing"]) == ("incomplete", ["power_of_attorney"])
    attached = await attach(shop, proxy, asked, PAPER)
    assert attached.status_code == 201
    assert (attached.json()["media_type"], attached.json()["size"]) == ("application/pdf", len(PAPER))
    desk = await officer(shop)
    found = await case(shop, desk, asked)
    assert (found["state"], found["missing"], found["proxy_name"]) == ("open", [], "Петър Иванов")
    assert (found["email"], found["person_email"]) == ("petar@example.bg", "iva@example.bg")
    refused = await act(shop, desk, asked, "decision", outcome="granted")
    assert problem(refused) == (409, "not-identified")
    seen = await shop.http.get(
        f"/v1/staff/privacy/requests/{asked['id']}/attachments/{attached.json()['id']}", headers=desk
    )
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PAPER, "application/pdf")
    recorded = await act(shop, desk, asked, "identity", how="Нотариално пълномощно № 123.")
    assert recorded.json()["identified_at"] is not None


async def test_s77_an_attachment_is_sealed_and_deleted_with_the_decision(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me, "complaint")
    await attach(shop, me, asked, PAPER)
    [(sealed, sha256)] = await shop.rows("SELECT sealed, sha256 FROM rights_attachments")
    assert b"upylnomoshtavam" not in bytes(sealed)
    assert b"%PDF" not in bytes(sealed)
    desk = await officer(shop)
    decided = await act(shop, desk, asked, "decision", outcome="granted", reasoning="Прави сте; поправихме го.")
    assert decided.status_code == 200
    assert await shop.count("rights_attachments") == 0
    [event] = [each for each in decided.json()["events"] if each["kind"] == "attachment_deleted"]
    assert (event["details"]["kind"], event["details"]["sha256"]) == ("power_of_attorney", sha256)
    late = await attach(shop, me, asked, PAPER)
    assert problem(late) == (409, "request-decided")


@pytest.mark.parametrize(("content", "media_type"), [(JPEG, "image/jpeg"), (PNG, "image/png")])
async def test_a_paper_is_known_by_its_content(shop: Shop, content: bytes, media_type: str) -> None:
    me = await shop.account()
    attached = await attach(shop, me, await ask(shop, me), content)
    assert attached.json()["media_type"] == media_type


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf \r\n\t\0\f", b"\n" * 1019])
async def test_typed_c6_a_pdf_may_begin_with_a_mark_and_blanks(shop: Shop, before: bytes) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    attached = await attach(shop, me, asked, before + PAPER)
    assert (attached.status_code, attached.json()["media_type"]) == (201, "application/pdf")
    desk = await officer(shop)
    path = f"/v1/staff/privacy/requests/{asked['id']}/attachments/{attached.json()['id']}"
    seen = await shop.http.get(path, headers=desk)
    assert (seen.content, seen.headers["content-type"]) == (before + PAPER, "application/pdf")
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert seen.headers["content-disposition"].startswith("attachment; ")
    assert seen.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("before", [b"\n" * 1020, b"<html><script>alert(1)</script>\n", b"MZ", b"\xfe\xff", b"\xa0"])
async def test_typed_c6_what_is_a_page_or_a_program_as_well_is_no_pdf(shop: Shop, before: bytes) -> None:
    me = await shop.account()
    refused = await attach(shop, me, await ask(shop, me), before + PAPER)
    assert problem(refused) == (422, "attachment-refused")
    assert await shop.count("rights_attachments") == 0


async def test_typed_c6_a_photo_that_is_too_large_is_refused_with_the_limit_of_its_route(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    photo = JPEG.ljust(2 * 1024 * 1024 + 1)
    mine, staffs = f"{REQUESTS}/{asked['id']}/attachments", f"/v1/staff/privacy/requests/{asked['id']}/attachments"

    async def in_parts() -> AsyncIterator[bytes]:
        for start in range(0, len(photo), 2**16):
            yield photo[start : start + 2**16]

    for path, headers in ((mine, me), (staffs, await officer(shop))):
        for content in (photo, in_parts()):
            refused = await shop.http.post(
                path, params={"kind": "identity_paper"}, content=content, headers={**headers, "Accept-Language": "bg"}
            )
            assert refused.json() == {
                **of_kind("body-too-large"),
                "title": "Твърде голяма заявка",
                "status": 413,
                "detail": "Изпратете най-много 2 MiB.",
                "most": "2 MiB",
            }
    assert await shop.count("rights_attachments") == 0


@pytest.mark.parametrize("content", [b"MZ" + bytes(40), b"<html>hello</html>", b"GIF89a" + bytes(40)])
async def test_any_other_kind_is_refused(shop: Shop, content: bytes) -> None:
    me = await shop.account()
    refused = await attach(shop, me, await ask(shop, me), content)
    assert problem(refused) == (422, "attachment-refused")
    assert await shop.count("rights_attachments") == 0


async def test_two_mebibytes_go_through_on_this_route_alone(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    largest = b"%PDF-" + bytes(2 * 1024 * 1024 - 5)
    assert (await attach(shop, me, asked, largest)).status_code == 201
    too_large = await attach(shop, me, asked, largest + b"1")
    assert problem(too_large) == (413, "body-too-large")
    elsewhere = await shop.http.post(f"{REQUESTS}/{asked['id']}/messages", json={"text": "а" * 70_000}, headers=me)
    assert problem(elsewhere) == (413, "body-too-large")
    desk = await officer(shop)
    path = f"/v1/staff/privacy/requests/{asked['id']}/attachments"
    assert (await shop.http.post(path, **attachment(largest), headers=desk)).status_code == 201


async def test_a_request_takes_so_many_papers_and_no_more(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    answers = [(await attach(shop, me, asked, PAPER)).status_code for _ in range(6)]
    assert answers == [201, 201, 201, 201, 201, 409]


async def test_what_a_paper_is_has_to_be_said(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    for kind, told in (
        (None, "Попълнете това поле"),
        ("picture", "Изберете „пълномощно“ или „документ за самоличност“"),
    ):
        params = {"kind": kind} if kind else {}
        refused = await shop.http.post(
            f"{REQUESTS}/{asked['id']}/attachments", params=params, content=PAPER, headers=me
        )
        [error] = refused.json()["errors"]
        assert (refused.status_code, error["pointer"]) == (422, "?kind")
        assert error["detail"].startswith(told)
    assert await shop.count("rights_attachments") == 0


async def test_who_opened_a_paper_stands_in_the_file(shop: Shop) -> None:
    desk = await officer(shop)
    entered = await enter(shop, desk, proxy={"name": "Петър Иванов"}, identified_by=None)
    path = f"/v1/staff/privacy/requests/{entered['id']}/attachments"
    attached = (await shop.http.post(path, **attachment(), headers=desk)).json()
    opened = await shop.http.get(f"{path}/{attached['id']}", headers=desk)
    assert opened.headers["cache-control"] == "no-store"
    assert (await log_of(shop, desk, entered))[-1] == "attachment_read"
    told = await log_of(shop, desk, entered)
    kept = await shop.http.get(f"{path}/{attached['id']}", headers={**desk, "If-None-Match": opened.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")
    assert (await shop.http.head(f"{path}/{attached['id']}", headers=desk)).status_code == 200
    assert await log_of(shop, desk, entered) == told, "D8: nobody opened it"
    other = await enter(shop, desk)
    crossed = await shop.http.get(
        f"/v1/staff/privacy/requests/{other['id']}/attachments/{attached['id']}", headers=desk
    )
    assert problem(crossed) == (404, "not-found")
