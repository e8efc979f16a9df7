"""Node's HTTP clients, unchanged, against an intercepted host: TLS, kept connections, refusals."""

from __future__ import annotations

import pytest

from .outbound_harness import Stage

FETCH = """
const one = async (url) => (await (await fetch(url)).json()).host
say(await one(PING), await one(PING), await one(PING))
await refused(() => fetch(ELSEWHERE))
"""
HTTPS = """
const https = require('https')
const one = (url, agent) => new Promise((done, failed) => https.get(url, { agent }, (reply) => {
  let body = ''
  reply.on('data', (piece) => { body += piece })
  reply.on('end', () => done(JSON.parse(body).host))
}).on('error', failed))
const kept = new https.Agent({ keepAlive: true })
say(await one(PING, kept), await one(PING, kept), await one(PING, new https.Agent()))
kept.destroy()
await refused(() => one(ELSEWHERE))
"""
HTTP = HTTPS.replace("https", "http").replace("(PING", "(PING.replace('https', 'http')")
HTTP = HTTP.replace("(ELSEWHERE", "(ELSEWHERE.replace('https', 'http')")
AXIOS = """
const axios = require('axios'), https = require('https')
const one = async (httpsAgent) => (await axios.get(PING, { httpsAgent })).data.host
const kept = new https.Agent({ keepAlive: true })
say(await one(kept), await one(kept), await one(new https.Agent()))
kept.destroy()
await refused(() => axios.get(ELSEWHERE))
"""
STRIPE = """
const Stripe = require('stripe'), https = require('https')
const client = (httpAgent) => new Stripe('sk_test_1', { maxNetworkRetries: 0, httpAgent })
const one = async (stripe) => (await stripe.customers.create({})).id.slice(0, 3)
const kept = client(new https.Agent({ keepAlive: true }))
say(await one(kept), await one(kept), await one(client(new https.Agent())))
"""
BEGIN = """
const PING = 'https://api.payments.example/v1/ping'
const ELSEWHERE = 'https://telemetry.example:8443/v1/ping'
const said = []
const say = (...words) => said.push(...words)
const refused = (action) => action().catch((error) => say(error.code ?? error.cause.code))
const main = async () => {
"""
END = "}\nmain().then(() => { console.log(JSON.stringify(said)); process.exit() })\n"
KEPT = (1, 1, 2)
FETCHED = (1, 2, 1)
"""A second connection is opened while the first is still being given back, with or without the shim."""


@pytest.mark.parametrize(
    ("code", "connections", "client"),
    [
        pytest.param(FETCH, FETCHED, "", id="fetch"),
        pytest.param(HTTPS, KEPT, "", id="https"),
        pytest.param(HTTP, KEPT, "", id="http"),
        pytest.param(AXIOS, KEPT, "axios", id="axios"),
    ],
)
def test_a_client_reaches_its_double_by_name_and_nobody_else(
    node_stage: Stage, code: str, connections: tuple[int, ...], client: str
) -> None:
    said = node_stage.node(BEGIN + code + END)

    assert [one.partition(".")[0] for one in said] == ["api"] * 3 + ["ENOTFOUND"]
    assert node_stage.sessions() == [("GET /v1/ping", number, "status:200") for number in connections]
    (refused,) = node_stage.interception.refused()
    assert (refused.host, refused.port, refused.client) == ("telemetry.example", 8443, client)


def test_a_providers_own_client_reaches_its_double(node_stage: Stage) -> None:
    said = node_stage.node(BEGIN + STRIPE + END)

    assert said == ["cus"] * 3
    assert node_stage.sessions() == [("POST /v1/customers", number, "status:200") for number in KEPT]
    assert node_stage.refused() == []
