"""Faults at the seam of an intercepted host, as clients meet them through TLS and their own resolver."""

from __future__ import annotations

import pytest

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, FaultSpec

from .outbound_harness import Stage

OPERATION = "POST /v1/customers"
REQUESTS = """
import json, requests
try:
    said = requests.post("https://api.stripe.com/v1/customers", timeout=0.5).status_code
except requests.RequestException as error:
    said = type(error).__name__
print(json.dumps(said))
"""
AXIOS = """
const axios = require('axios')
axios.post('https://api.stripe.com/v1/customers', null, { timeout: 500, validateStatus: null })
  .then((reply) => reply.status, (error) => error.code)
  .then((said) => { console.log(JSON.stringify(said)); process.exit() })
"""
STRIPE = """
import json, stripe
try:
    said = stripe.StripeClient("sk_test_1", max_network_retries=0).v1.customers.create({}).id[:3]
except stripe.StripeError as error:
    said = type(error).__name__
print(json.dumps(said))
"""
MET = [
    (faults.connection_reset(), "ConnectionError", "ECONNRESET", 0),
    (faults.reply_lost(), "ConnectionError", "ECONNRESET", 1),
    (faults.connection_refused(), "ConnectionError", "ECONNREFUSED", 0),
    (faults.unreachable(), "ConnectTimeout", "ECONNABORTED", 0),
    (faults.hang(), "ReadTimeout", "ECONNABORTED", 0),
    (faults.late_reply(5_000), "ReadTimeout", "ECONNABORTED", 1),
    (faults.status(503), 503, 503, 0),
    (faults.truncated(), "ChunkedEncodingError", "ERR_BAD_RESPONSE", 1),
]


def armed(stage: Stage, spec: FaultSpec) -> None:
    fault = catalogue.build(spec, "http", Facts(budget_ms=500))
    stage.server.arm(fault, OPERATION)
    stage.server.run(stage.server.seam.at_step(fault.at_step()))


def effects(stage: Stage) -> int:
    stage.server.run(stage.server.seam.heal())
    return len(stage.server.double.ledger.effects("customer"))


@pytest.mark.parametrize(("spec", "error", "made"), [(one[0], one[1], one[3]) for one in MET], ids=str)
def test_a_python_client_meets_the_fault(stage: Stage, spec: FaultSpec, error: object, made: int) -> None:
    armed(stage, spec)

    assert (stage.python(REQUESTS), effects(stage)) == (error, made)


@pytest.mark.parametrize(("spec", "code", "made"), [(one[0], one[2], one[3]) for one in MET], ids=str)
def test_a_node_client_meets_the_fault(node_stage: Stage, spec: FaultSpec, code: object, made: int) -> None:
    armed(node_stage, spec)

    assert (node_stage.node(AXIOS), effects(node_stage)) == (code, made)


@pytest.mark.parametrize(
    ("spec", "error"),
    [(faults.reply_lost(), "APIConnectionError"), (faults.status(429), "RateLimitError")],
    ids=str,
)  # fmt: skip
def test_stripes_own_client_meets_the_fault(stage: Stage, spec: FaultSpec, error: str) -> None:
    armed(stage, spec)

    assert stage.python(STRIPE) == error
