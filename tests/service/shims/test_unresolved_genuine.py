"""A name that is kept from resolving is to every client a name that does not exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import Facts
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId
from ripstop.rig.outages import Outages

from .outbound_harness import HOSTS, LIMIT_S, Stage

NOBODY = "-.invalid"
"""No name at all (RFC 1123, 2.1: none begins with a hyphen), so that no resolver is asked for it."""

BY_CLIENT = {
    "requests": "import requests; requests.post('https://NAME/v1/customers', timeout=2)",
    "httpx": "import httpx; httpx.post('https://NAME/v1/customers', timeout=2)",
    "urllib": "import urllib.request as u; u.urlopen('https://NAME/v1/customers', b'', timeout=2)",
    "stripe": "import stripe; stripe.StripeClient('sk_test', base_addresses={'api': 'https://NAME'},"
    " max_network_retries=0).v1.customers.create({})",
}
TOLD = """
import json
found, error = [], None
try:
    CALL
except Exception as raised:
    error = raised
while error is not None:
    found.append([type(error).__module__ + "." + type(error).__qualname__, str(error)])
    error = error.__cause__ or error.__context__
print(json.dumps(found))
"""


@pytest.mark.parametrize("client", BY_CLIENT)
def test_a_dark_name_is_one_that_does_not_exist(stage: Stage, tmp_path: Path, client: str) -> None:
    genuine = subprocess.run(
        [sys.executable, "-c", program(client, NOBODY)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    outages, injection = dark(stage)
    injected = stage.python(program(client, "api.stripe.com"))
    outages.confirm()

    assert without_names(injected) == without_names(json.loads(genuine.stdout))
    assert "gaierror" in json.dumps(injected)
    assert outages.board.fired == (injection,)


def dark(stage: Stage) -> tuple[Outages, Injection]:
    """The stage's hosts kept from resolving, as a rig does it."""
    server, name = stage.server, "payments"
    fault = catalogue.build(faults.unresolved(), "http", Facts(hosts=HOSTS))
    injection = Injection(CrossingId("step", name, "POST /v1/customers"), fault.spec)
    outages = Outages(server.board, {name: server.seam}, stage.interception, {name: HOSTS})
    server.run(outages.begin([Armed(injection, fault)]))
    return outages, injection


def program(client: str, name: str) -> str:
    return TOLD.replace("CALL", BY_CLIENT[client].replace("NAME", name))


def without_names(chain: Any) -> list[list[str]]:
    """The chain of errors; host names and the numbers of objects differ."""
    return [[re.sub(r"0x[0-9a-f]+|api\.stripe\.com|-\.invalid", "", text) for text in one] for one in chain]
