"""The resolver and the sockets of a Node service: what passes, what is led to a seam, what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ripstop.service.certificates import Authority
from ripstop.service.outbound import REPORT_LIMIT_BYTES
from ripstop.service.stacks import NODE_SHIM

from .outbound_harness import Stage

BEGIN = """
const dgram = require('dgram'), dns = require('dns'), net = require('net'), tls = require('tls')
const util = require('util')
const said = []
const failing = (action) => action().then((one) => said.push(one), (error) => said.push(error.code))
const called = (action) => new Promise((done, failed) => {
  action((error, ...all) => error ? failed(error) : done(all))
})
const GET = 'GET /v1/ping HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'
const ping = (socket) => new Promise((done, failed) => {
  let all = ''
  socket.on('data', (piece) => { all += piece }).on('end', () => done(all.split(' ')[1])).on('error', failed)
  socket.write(GET)
})
const main = async () => {
"""
END = "}\nmain().then(() => { console.log(JSON.stringify(said)); process.exit() })\n"


def said(stage: Stage, code: str) -> list[object]:
    words = stage.node(BEGIN + code + END)
    assert isinstance(words, list)
    return words


def test_every_way_to_a_name_leads_to_the_seam_whatever_the_port(stage: Stage) -> None:
    words = said(
        stage,
        """
const HOST = 'api.payments.example'
said.push(await ping(net.connect(80, HOST)))
said.push(await ping(net.connect({ host: HOST.toUpperCase() + '.', port: '4321' })))
said.push(await ping(new net.Socket().connect({ host: HOST, port: 8080, family: 6 })))
said.push(await ping(tls.connect(443, HOST)))
said.push(await ping(tls.connect({ host: HOST, port: 443, servername: HOST, ALPNProtocols: ['http/1.1'] })))
const { address } = await util.promisify(dns.lookup)(HOST)
said.push(await ping(net.connect(443, address)))
said.push((await called((done) => dns.lookup(HOST, { all: true }, done)))[0][0].family)
said.push(await dns.promises.resolve4('a.b.amazonaws.com').then((all) => all.length))
""",
    )

    assert words == ["200"] * 6 + [4, 1]
    assert stage.refused() == []


def test_what_is_neither_intercepted_nor_local_is_refused_and_told_of(stage: Stage) -> None:
    words = said(
        stage,
        """
await failing(() => ping(net.connect(443, 'one.example')))
await failing(() => called((done) => dns.lookup('two.example', done)))
await failing(() => dns.promises.lookup('three.example'))
await failing(() => called((done) => dns.resolveMx('four.example', done)))
await failing(() => new dns.promises.Resolver().resolve('five.example'))
await failing(() => ping(net.connect(443, '198.51.100.1')))
await failing(() => ping(tls.connect(443, '2001:db8::1')))
await failing(() => ping(net.connect(443, 'amazonaws.com')))
""",
    )

    assert words == ["ENOTFOUND"] * 5 + ["ECONNREFUSED"] * 2 + ["ENOTFOUND"]
    assert stage.refused() == [
        ("one.example", 443),
        *((f"{name}.example", 0) for name in ("two", "three", "four", "five")),
        ("198.51.100.1", 443),
        ("2001:db8::1", 443),
        ("amazonaws.com", 443),
    ]


def test_this_machine_and_what_is_no_network_pass(stage: Stage) -> None:
    words = said(
        stage,
        """
for (const at of [0, 'pipe']) {
  const server = net.createServer((socket) => socket.end('a 1 b'))
  await called((done) => server.listen(at, done))
  const { port } = server.address()
  const names = ['127.0.0.1', 'localhost', 'LOCALHOST', '0.0.0.0', undefined, require('os').hostname()]
  const ends = at ? [[at]] : names.map((host) => [port, host])
  for (const end of ends) said.push(await ping(net.connect(...end)))
}
const udp = dgram.createSocket('udp4')
await called((done) => udp.bind(0, '127.0.0.1', done))
const heard = new Promise((done) => udp.on('message', (message) => done(String(message))))
dgram.createSocket('udp4').send('y', udp.address().port, '127.0.0.1')
said.push(await heard)
""",
    )

    assert words == ["1"] * 7 + ["y"]
    assert stage.refused() == []


def test_datagrams_to_elsewhere_vanish_and_are_told_of(stage: Stage) -> None:
    words = said(
        stage,
        """
const udp = dgram.createSocket('udp4')
said.push(...await called((done) => udp.send('metric', 8125, 'statsd.example', done)))
await called((done) => udp.connect(80, '198.51.100.9', done))
said.push(udp.remoteAddress().address)
""",
    )

    assert words == [6, "127.0.0.1"]
    assert [str(one) for one in stage.interception.refused()] == [
        "statsd.example:8125 (UDP) (1x)",
        "198.51.100.9:80 (UDP) (1x)",
    ]


def test_modules_workers_and_children_are_held_to_it_too(stage: Stage) -> None:
    words = stage.node(
        """
import { lookup } from 'node:dns'
import { execFileSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'
const code = (name) => `require('dns').lookup('${name}', (e) => console.log(e.code))`
const own = await new Promise((done) => lookup('module.example', (error) => done(error.code)))
const child = String(execFileSync(process.execPath, ['-e', code('child.example')])).trim()
const worker = new Worker(code('worker.example'), { eval: true })
await new Promise((done) => worker.on('exit', done))
console.log(JSON.stringify([own, child]))
process.exit()
""",
        name="program.mjs",
    )

    assert words == ["ENOTFOUND"] * 2
    assert [host for host, _ in stage.refused()] == ["module.example", "child.example", "worker.example"]


def test_a_client_with_a_bundle_of_its_own_trusts_the_seam_as_well(
    stage: Stage, authority: Authority
) -> None:
    words = said(
        stage,
        """
const ca = tls.rootCertificates.slice(0, 1)
said.push(await ping(tls.connect({ host: 'api.stripe.com', port: 443, ca })))
const secureContext = tls.createSecureContext({ ca })
said.push(await ping(tls.connect({ host: 'api.stripe.com', port: 443, secureContext })))
await failing(() => ping(tls.connect({ host: 'api.stripe.com', port: 443, servername: 'other.example',
  checkServerIdentity: (name) => Object.assign(new Error(), { code: name }) })))
""",
    )

    assert words == ["200", "200", "other.example"]


def test_a_bundle_that_the_service_brings_is_kept_beside_ours(stage: Stage, tmp_path: Path) -> None:
    other = Authority.create()
    own = {"NODE_EXTRA_CA_CERTS": str(other.ca_path)}

    bundle = Path(stage.interception.environment(own)["NODE_EXTRA_CA_CERTS"]).read_text()

    assert other.ca_path.read_text() in bundle
    assert stage.interception.authority.ca_path.read_text() in bundle
    other.close()


def test_a_name_put_in_the_dark_does_not_resolve_until_it_is_lit_again(stage: Stage) -> None:
    code = """
await failing(() => ping(net.connect(80, 'api.stripe.com')))
await failing(() => dns.promises.lookup('api.stripe.com').then(() => 'found'))
"""
    stage.interception.darken(["api.stripe.com"])
    dark = said(stage, code)
    assert stage.interception.attempts() == 2
    stage.interception.lighten()

    assert (dark, said(stage, code)) == (["ENOTFOUND"] * 2, ["200", "found"])
    assert stage.refused() == []


def test_a_report_that_is_full_grows_no_more(stage: Stage) -> None:
    report = stage.interception.authority.folder / "report"
    report.write_bytes(b"x" * REPORT_LIMIT_BYTES)

    said(stage, "await failing(() => dns.promises.lookup('one.example'))")

    assert report.stat().st_size == REPORT_LIMIT_BYTES


@pytest.mark.parametrize("given", [None, "--no-deprecation"])
def test_the_services_own_options_for_node_stay(stage: Stage, given: str | None) -> None:
    env = {"NODE_OPTIONS": given} if given else {}

    (options,) = stage.run(
        [str(Path(sys.executable).with_name("node")), "-p", "JSON.stringify([process.env.NODE_OPTIONS])"], env
    )

    assert options == " ".join(filter(None, [f"--require={NODE_SHIM}", given]))


def test_a_table_that_is_gone_goes_unnoticed(stage: Stage) -> None:
    (stage.interception.authority.folder / "table").unlink()

    assert said(stage, "said.push('runs')") == ["runs"]
