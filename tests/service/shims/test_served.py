"""A service under uvicorn, started as the rig starts it, whose calls to a provider are intercepted."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from ripstop.service.advice import escapes
from ripstop.service.ports import free_port
from ripstop.service.process import ServiceProcess

from .outbound_harness import Stage

APP = """
import asyncio, httpx, requests
from fastapi import FastAPI
app = FastAPI()
client = httpx.AsyncClient()
PING = "https://api.payments.example/v1/ping"

@app.get("/loop")
async def loop(): return type(asyncio.get_running_loop()).__module__

@app.get("/async")
async def by_httpx(): return (await client.get(PING)).json()["host"]

@app.get("/sync")
def by_requests(): return requests.get(PING).json()["host"]

@app.get("/away")
def away():
    try: return requests.get("https://telemetry.example/").status_code
    except requests.RequestException as error: return type(error).__name__
"""


@pytest.fixture
def service(stage: Stage) -> Iterator[ServiceProcess]:
    (stage.folder / "app.py").write_text(APP)
    (stage.folder / "uvloop.py").write_text("raise SystemExit(3)")
    port = free_port()
    command = f"uvicorn app:app --port {port}"
    one = ServiceProcess.start(command, port=port, cwd=stage.folder, env=stage.interception.environment())
    one.wait_ready("/loop", timeout_s=30)
    yield one
    one.stop()


def test_its_calls_reach_the_double_and_uvloop_stays_out(stage: Stage, service: ServiceProcess) -> None:
    paths = ("/loop", "/async", "/async", "/sync", "/away")
    said = [httpx.get(service.url + path, trust_env=False).json() for path in paths]

    host = "api.payments.example"
    assert said == ["asyncio.unix_events", host, host, host, "ConnectionError"]
    assert [number for _, number, _ in stage.sessions()] == [1, 1, 2]
    assert [str(one) for one in stage.interception.refused()] == ["telemetry.example:443 (1x, by requests)"]
    assert stage.interception.kept_out() == ("uvloop",)
    assert service.pid is not None
    assert escapes(stage.interception, [service.pid]) == ()
