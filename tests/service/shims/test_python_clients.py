"""Python's HTTP clients, unchanged, against an intercepted host: TLS, kept connections, refusals."""

from __future__ import annotations

import pytest

from .outbound_harness import Stage

PING = "https://api.payments.example/v1/ping"
ELSEWHERE = "https://telemetry.example:8443/v1/ping"

REQUESTS = f"""
import requests
with requests.Session() as kept:
    say(*[kept.get("{PING}").json()["host"] for _ in range(2)], requests.get("{PING}").json()["host"])
refused(requests.get, "{ELSEWHERE}")
"""
HTTPX = f"""
import httpx
with httpx.Client() as kept:
    say(*[kept.get("{PING}").json()["host"] for _ in range(2)], httpx.get("{PING}").json()["host"])
refused(httpx.get, "{ELSEWHERE}")
"""
HTTPX_ASYNC = f"""
import asyncio, httpx
async def one(client): return (await client.get("{PING}")).json()["host"]
async def main():
    async with httpx.AsyncClient() as kept, httpx.AsyncClient() as fresh:
        say(await one(kept), await one(kept), await one(fresh))
    async with httpx.AsyncClient() as client:
        await client.get("{ELSEWHERE}")
refused(asyncio.run, main())
"""
AIOHTTP = f"""
import asyncio, aiohttp
async def one(client, url="{PING}"):
    async with client.get(url) as reply: return (await reply.json())["host"]
async def main():
    async with aiohttp.ClientSession() as kept, aiohttp.ClientSession() as fresh:
        say(await one(kept), await one(kept), await one(fresh))
        await one(fresh, "{ELSEWHERE}")
refused(asyncio.run, main())
"""
URLLIB3 = f"""
import urllib3
with urllib3.PoolManager() as kept:
    say(*[kept.request("GET", "{PING}").json()["host"] for _ in range(2)],
        urllib3.PoolManager().request("GET", "{PING}").json()["host"])
refused(lambda: urllib3.PoolManager().request("GET", "{ELSEWHERE}", retries=False))
"""
URLLIB = f"""
import http.client, urllib.request
kept = http.client.HTTPSConnection("api.payments.example")
def one():
    kept.request("GET", "/v1/ping")
    return json.loads(kept.getresponse().read())["host"]
say(one(), one(), json.loads(urllib.request.urlopen("{PING}").read())["host"])
refused(urllib.request.urlopen, "{ELSEWHERE}")
"""
STRIPE = """
import stripe
def client(): return stripe.StripeClient("sk_test_1", max_network_retries=0)
kept = client()
say(*[kept.v1.customers.create({}).id[:3] for _ in range(2)], client().v1.customers.create({}).id[:3])
"""
BOTO3 = """
import boto3
from botocore.config import Config
def client():
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b",
                        config=Config(retries={"total_max_attempts": 1}))
kept = client()
def put(s3): return s3.put_object(Bucket="my-bucket", Key="one", Body=b"1")["ETag"]
say(put(kept), put(kept), put(client()))
"""
BEGIN = """
import json
said = []
def say(*words): said.extend(words)
def refused(action, *given):
    try: action(*given)
    except Exception as error:
        chain = []
        while error is not None:
            chain.append(type(error).__name__)
            error = error.__cause__ or error.__context__
        said.extend(chain[:1])
"""
END = "\nprint(json.dumps(said))\n"


@pytest.mark.parametrize(
    ("code", "error", "client"),
    [
        pytest.param(REQUESTS, "ConnectionError", "requests", id="requests"),
        pytest.param(HTTPX, "ConnectError", "httpx", id="httpx"),
        pytest.param(HTTPX_ASYNC, "ConnectError", "", id="httpx-async"),
        pytest.param(AIOHTTP, "ClientConnectorDNSError", "", id="aiohttp"),
        pytest.param(URLLIB3, "NameResolutionError", "urllib3", id="urllib3"),
        pytest.param(URLLIB, "URLError", "", id="urllib"),
    ],
)
def test_a_client_reaches_its_double_by_name_and_nobody_else(
    stage: Stage, code: str, error: str, client: str
) -> None:
    said = stage.python(BEGIN + code + END)

    assert said == ["api.payments.example"] * 3 + [error]
    assert stage.sessions() == [("GET /v1/ping", number, "status:200") for number in (1, 1, 2)]
    (refused,) = stage.interception.refused()
    assert (refused.host, refused.port, refused.client) == ("telemetry.example", 8443, client)


@pytest.mark.parametrize(
    ("code", "answer", "operation"),
    [
        pytest.param(STRIPE, "cus", "POST /v1/customers", id="stripe"),
        pytest.param(BOTO3, '"abc"', "PUT /{key}", id="boto3"),
    ],
)
def test_a_providers_own_client_reaches_its_double(
    stage: Stage, code: str, answer: str, operation: str
) -> None:
    said = stage.python(BEGIN + code + END)

    assert said == [answer] * 3
    assert stage.sessions() == [(operation, number, "status:200") for number in (1, 1, 2)]
    assert stage.refused() == []
