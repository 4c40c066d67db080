"""What a stranger's body costs: to every route that takes one, the costliest that its limits let through."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import yaml

from app.core.routing import DEEPEST, MOST_VALUES
from benchmarks.processes import family, own_seconds
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage

CONTRACT = Path(__file__).parent.parent / "openapi.yaml"
LIMIT = 65_536
TIMES = 2
"""Of each body."""
MOST_MILLISECONDS = 50.0
SOMEBODYS = "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"
DEEP = b'{"a":' + b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1) + b"}"
BODIES = {
    "unknown fields": json.dumps(
        dict.fromkeys((f"field {number:>18}" for number in range(MOST_VALUES - 1)), 1)
    ).encode(),
    "one long text": b'{"text": "' + "ю".encode() * ((LIMIT - 100) // 2) + b'"}',
    "escapes": b'{"text": "' + rb"\u044e" * ((LIMIT - 100) // 6) + b'"}',
    "deep lists": b"[" + DEEP + (b"," + DEEP) * (MOST_VALUES // DEEPEST - 2) + b"]",
    "too many values": (b"[" + b"0," * LIMIT)[:LIMIT],
    "too deep": b"[" * LIMIT,
    "a form": (b"grant_type=password&username=a&password=b&" + b"a=&" * LIMIT)[:LIMIT],
    "no boundary": (b"name=List-Unsubscribe\n" * LIMIT)[:LIMIT],
}


def routes() -> Iterator[tuple[str, str, str]]:
    """Give verb, path and kind of body of every operation that takes one."""
    for path, operations in yaml.load(CONTRACT.read_text(), yaml.CSafeLoader)["paths"].items():
        for verb, operation in operations.items():
            if "requestBody" in operation:
                names = {part["name"]: SOMEBODYS for part in operation.get("parameters", []) if part["in"] == "path"}
                names |= {name: "100000001" for name in names if name == "number"}
                yield verb.upper(), path.format_map(names), next(iter(operation["requestBody"]["content"]))


async def body_figures(stage: Stage, report: Report) -> None:
    worst: tuple[float, str] = (0.0, "")
    strangers = count(1)
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stage.api_port}", limits=limits, timeout=60) as http:
        found = [*routes()]
        for verb, path, kind in found:
            for name, body in BODIES.items():
                asked: dict[str, Any] = {"method": verb, "url": path, "content": body, "kind": kind}
                cost = await _cost(stage, http, strangers, **asked)
                if cost > worst[0]:  # what the processes do beside it now and then is no stranger's cost
                    cost = min(cost, await _cost(stage, http, strangers, **asked))
                worst = max(worst, (cost, f"{verb} {path}, {name}"))
    print(f"  {worst[1]}: {worst[0]:.1f} ms CPU", flush=True)
    operation = f"costliest body of a stranger, of {len(BODIES)} to each of {len(found)} routes ({worst[1]}), CPU"
    report.figures.append(Figure.below(operation, worst[0], MOST_MILLISECONDS, "ms"))


async def _cost(stage: Stage, http: httpx.AsyncClient, strangers: "count[int]", *, kind: str, **asked: Any) -> float:
    """Return the milliseconds of CPU of one such request, each of another address: no allowance is used up."""
    serving = family(stage.api)
    before = own_seconds(serving)
    for _ in range(TIMES):
        address = str(IPv4Address(0x0B000000 + next(strangers)))
        headers = {"Content-Type": kind, "X-Forwarded-For": address, "Idempotency-Key": "a-key-of-one"}
        answer = await http.request(**asked, headers=headers)
        assert httpx.codes.is_client_error(answer.status_code), f"{asked['url']}: {answer.status_code}"
    return 1000 * (own_seconds(serving) - before) / TIMES
