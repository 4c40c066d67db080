"""FastAPI's own OpenTelemetry: a span for a request, nothing of a person in it, nothing sent unless asked for."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from tests.fulfilment.viewing import access_tokens, ask_for_access, key_of
from tests.shop import Shop, a_wish

PERSON = ("Ива", "Петрова", "iva@example.bg", "888123456", "Българска легия", "127.0.0.1")


@pytest.fixture
def spans(shop: Shop) -> Iterator[InMemorySpanExporter]:
    """Keep the spans of the shop's requests, as `FastAPI(telemetry=…)` lets them be kept."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    shop.app._native_telemetry.config["tracer_provider"] = provider
    yield kept
    provider.shutdown()


def requests(kept: InMemorySpanExporter) -> list[ReadableSpan]:
    return [span for span in kept.get_finished_spans() if span.kind is trace.SpanKind.SERVER]


def written(span: ReadableSpan) -> str:
    return str(span.to_json())


async def test_a_request_is_one_span_named_by_its_template(shop: Shop, spans: InMemorySpanExporter) -> None:
    order = await shop.ordered()
    spans.clear()
    token = {"X-Order-Token": order["access_token"]}
    await shop.http.get(order["links"]["self"], headers=token)
    [span] = requests(spans)
    assert span.name == "GET /v1/orders/{number}"
    attributes: Any = span.attributes
    assert attributes["http.route"] == "/v1/orders/{number}"
    assert attributes["http.response.status_code"] == 200
    # What was asked for in the address may be somebody's.
    assert attributes["url.path"] == ""
    assert order["number"] not in written(span)


async def test_no_span_holds_a_person_or_a_secret(shop: Shop, spans: InMemorySpanExporter) -> None:
    cart = await shop.cart()
    order = (await shop.place(a_wish(cart))).json()
    await shop.place(a_wish(cart, customer={"first_name": "Ива"}))
    await shop.http.get(f"/v1/carts/{cart}")
    await shop.http.get("/v1/products", params={"q": "Петрова"})
    await shop.http.get("/v1/Петрова?phone=888123456")
    await shop.http.get(order["links"]["self"], headers={"X-Order-Token": order["access_token"]})
    assert len(requests(spans)) >= 7
    for span in spans.get_finished_spans():
        for secret in (*PERSON, cart, order["number"], order["access_token"], "%D0%9F"):
            assert secret not in written(span), span.name
            assert secret.encode("unicode_escape").decode() not in written(span), span.name


async def test_exceptions_are_not_sent_with_their_text(shop: Shop) -> None:
    assert shop.app._native_telemetry.config["logs"] is False


async def test_nothing_is_sent_unless_the_environment_asks(shop: Shop) -> None:
    assert shop.app._native_telemetry.config["auto_configure"] is False
    assert not shop.app._native_telemetry.enabled()
    assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"


async def test_no_span_and_no_log_holds_what_opens_an_order(shop: Shop, spans: InMemorySpanExporter) -> None:
    """Not the key of its view, nor the token of the link that is asked for, sent rightly, wrongly or in an address."""
    order = await shop.ordered()
    await shop.run_jobs()
    await ask_for_access(shop, order["number"])
    await shop.run_jobs()
    key, [token] = key_of(shop, order), access_tokens(shop, order)
    here = f"/orders/{order['number']}"
    spans.clear()
    with capture_logs() as lines:
        for number in (order["number"], "999999999", "x"):
            answer = await shop.http.post(f"/v1/orders/{number}/views", json={"key": key})
            assert answer.is_success or key not in answer.text
        assert key not in (await shop.http.post(f"/v1{here}/views", json={"key": key * 2})).text
        await shop.http.post(f"{here}/view", data={"key": key})
        await shop.http.get(f"{here}/access?token={token}")
        opened = await shop.http.post(f"{here}/access", data={"token": token})
        await shop.http.post(f"{here}/access", data={"token": token})
        await shop.http.post(f"/v1{here}/access", json={"token": token + "x"})
        await shop.http.get(here, headers={"Cookie": opened.headers["set-cookie"]})
    assert len(requests(spans)) == 10
    cookie = opened.headers["set-cookie"].partition("=")[2].partition(";")[0]
    for secret in (key, token, cookie, *PERSON):
        assert secret not in str(lines)
        assert [span.name for span in spans.get_finished_spans() if secret in written(span)] == []
