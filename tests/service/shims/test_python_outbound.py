"""The resolver and the sockets of a Python service: what passes, what is led to a seam, what is refused."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.service.certificates import Authority
from ripstop.service.outbound import REPORT_LIMIT_BYTES
from ripstop.service.stacks import SHIMS

from .outbound_harness import Stage

BEGIN = """
import asyncio, errno, json, os, socket, ssl, subprocess, sys
GET = b"GET /v1/ping HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"
said = []
def ping(sock, name=None):
    with sock:
        if name: sock = ssl.create_default_context().wrap_socket(sock, server_hostname=name)
        sock.sendall(GET)
        said.append(sock.makefile("rb").read().split(b" ")[1].decode())
def failing(action):
    try: said.append(action())
    except Exception as error: said.append([type(error).__name__, getattr(error, "errno", 0)])
"""
END = "\nprint(json.dumps(said))\n"


def said(stage: Stage, code: str) -> list[object]:
    words = stage.python(BEGIN + code + END)
    assert isinstance(words, list)
    return words


def test_every_way_to_a_name_leads_to_the_seam_whatever_the_port(stage: Stage) -> None:
    words = said(
        stage,
        """
HOST = "api.payments.example"
ping(socket.create_connection((HOST, 80)))
ping(socket.create_connection((HOST.upper() + ".", 4321)), HOST)
ping(socket.create_connection((socket.gethostbyname(HOST), 443)), HOST)
direct = socket.socket(); direct.connect((HOST, 443)); ping(direct)
direct = socket.socket(); said.append(direct.connect_ex((HOST.encode(), 443))); ping(direct)
info = socket.getaddrinfo(HOST, "https", socket.AF_INET6, socket.SOCK_STREAM, 0, socket.AI_V4MAPPED)
said.append(info[0][4][0][:14])
async def main():
    loop = asyncio.get_running_loop()
    raw = socket.socket(); raw.setblocking(False)
    await loop.sock_connect(raw, (HOST, 80)); raw.setblocking(True); ping(raw)
    reader, writer = await asyncio.open_connection(HOST, 443, ssl=ssl.create_default_context())
    writer.write(GET); said.append((await reader.read()).split(b" ")[1].decode())
asyncio.run(main())
""",
    )

    assert words == ["200"] * 4 + [0, "200", "::ffff:127.77.", "200", "200"]
    assert stage.refused() == []


def test_names_below_a_wildcard_are_intercepted_and_the_name_itself_is_not(stage: Stage) -> None:
    words = said(
        stage,
        """
for name in ("a.amazonaws.com", "my-bucket.s3.eu-west-1.amazonaws.com"):
    ping(socket.create_connection((name, 443)), name)
failing(lambda: socket.create_connection(("amazonaws.com", 443)))
failing(lambda: socket.create_connection(("evilamazonaws.com", 443)))
""",
    )

    assert words == ["200", "200", ["gaierror", socket.EAI_NONAME], ["gaierror", socket.EAI_NONAME]]
    assert stage.refused() == [("amazonaws.com", 443), ("evilamazonaws.com", 443)]


def test_what_is_neither_intercepted_nor_local_is_refused_and_told_of(stage: Stage) -> None:
    words = said(
        stage,
        """
failing(lambda: socket.getaddrinfo("one.example", 443))
failing(lambda: socket.gethostbyname("two.example"))
failing(lambda: socket.gethostbyname_ex("b\\u00fccher.example"))
failing(lambda: socket.socket().connect(("three.example", 25)))
failing(lambda: socket.create_connection(("198.51.100.1", 443)))
failing(lambda: socket.socket().connect_ex(("198.51.100.1", 443)))
failing(lambda: asyncio.run(asyncio.open_connection("198.51.100.2", 80)))
failing(lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)))
""",
    )

    none, refused = ["gaierror", socket.EAI_NONAME], ["ConnectionRefusedError", 111]
    assert words == [none, none, none, none, refused, 111, refused, refused]
    assert [str(one) for one in stage.interception.refused()] == [
        "one.example:443 (1x)",
        "two.example (1x)",
        "xn--bcher-kva.example (1x)",
        "three.example:25 (1x)",
        "198.51.100.1:443 (2x)",
        "198.51.100.2:80 (1x)",
        "2001:db8::1:80 (1x)",
    ]


def test_this_machine_and_what_is_no_network_pass(stage: Stage) -> None:
    words = said(
        stage,
        """
server = socket.create_server(("0.0.0.0", 0)); port = server.getsockname()[1]
for host in ("127.0.0.1", "localhost", "LOCALHOST", "0.0.0.0", socket.gethostname()):
    with socket.create_connection((host, port)): said.append(server.accept()[0].close())
unix = socket.socket(socket.AF_UNIX); unix.bind("s"); unix.listen()
client = socket.socket(socket.AF_UNIX); client.connect("s")
one, two = socket.socketpair(); one.send(b"x"); said.append(two.recv(1).decode())
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"y", udp.getsockname())
said.append(udp.recv(1).decode())
said.append(bool(socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE)))
""",
    )

    assert words == [None] * 5 + ["x", "y", True]
    assert stage.refused() == []


def test_datagrams_to_elsewhere_vanish_and_are_told_of(stage: Stage) -> None:
    words = said(
        stage,
        """
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
said.append(udp.sendto(b"metric", ("198.51.100.9", 8125)))
said.append(udp.sendto(b"metric", 0, ("198.51.100.9", 8125)))
udp.connect(("8.8.8.8", 80)); said.append(udp.getsockname()[0])
""",
    )

    assert words == [6, 6, "127.0.0.1"]
    assert [str(one) for one in stage.interception.refused()] == [
        "198.51.100.9:8125 (UDP) (2x)",
        "8.8.8.8:80 (UDP) (1x)",
    ]


def test_forked_and_spawned_processes_are_held_to_it_too(stage: Stage) -> None:
    words = said(
        stage,
        """
import multiprocessing
child = "import socket; socket.create_connection(('elsewhere.example', 1))"
said.append(b"gaierror" in subprocess.run([sys.executable, "-c", child], stderr=subprocess.PIPE).stderr)
if os.fork() == 0:
    try: socket.create_connection(("forked.example", 2))
    except OSError: os._exit(7)
said.append(os.waitstatus_to_exitcode(os.wait()[1]))
""",
    )

    assert words == [True, 7]
    assert stage.refused() == [("elsewhere.example", 1), ("forked.example", 2)]
    assert {one.runtime for one in stage.interception.loaded()} == {"python"}
    assert len(stage.interception.loaded()) == 2


@pytest.mark.parametrize("module", ["uvloop", "aiodns"])
def test_what_resolves_by_itself_is_kept_out_so_that_its_users_fall_back(stage: Stage, module: str) -> None:
    (stage.folder / f"{module}.py").write_text("raise SystemExit(3)")

    words = said(
        stage, f"try: import {module}\nexcept ImportError as error: said.append([error.name, str(error)])"
    )

    assert words[0][0] == module  # type: ignore[index]
    assert "ripstop keeps it out" in words[0][1]  # type: ignore[index]
    assert stage.interception.kept_out() == (module,)


def test_what_is_not_installed_anyway_is_not_spoken_of(stage: Stage) -> None:
    words = said(stage, "try: import uvloop\nexcept ImportError as error: said.append(str(error))")

    assert words == ["No module named 'uvloop'"]
    assert stage.interception.kept_out() == ()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a TLS server on this machine whose authority is not the rig's."""
    other = Authority.create()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection = listening.accept()[0]
            with connection, pytest.raises(ssl.SSLError):
                other.context_for("localhost").wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)
    other.close()


def test_no_check_is_relaxed_towards_others(stage: Stage, stranger: int) -> None:
    words = said(
        stage,
        f"""
def greet():
    with socket.create_connection(("localhost", {stranger})) as sock:
        ssl.create_default_context().wrap_socket(sock, server_hostname="localhost")
failing(greet)
def misname():
    with socket.create_connection(("api.stripe.com", 443)) as sock:
        ssl.create_default_context().wrap_socket(sock, server_hostname="bad_name.example")
failing(misname)
""",
    )

    assert [one[0] for one in words] == ["SSLCertVerificationError"] * 2  # type: ignore[index]
    stage.server.seam.problems.clear()


def test_a_context_with_a_bundle_of_its_own_trusts_the_seam_as_well(stage: Stage) -> None:
    other = Authority.create()
    words = said(
        stage,
        f"""
class Mine(ssl.SSLContext):
    def wrap_socket(self, *args, **kwargs): return super().wrap_socket(*args, **kwargs)
class Past(ssl.SSLContext):
    def wrap_socket(self, sock, server_hostname):
        return ssl.SSLSocket._create(sock=sock, context=self, server_hostname=server_hostname)
for kind in (ssl.SSLContext, Mine, Past):
    context = kind(ssl.PROTOCOL_TLS_CLIENT); context.load_verify_locations("{other.ca_path}")
    plain = socket.create_connection(("api.stripe.com", 443))
    said.append(context.wrap_socket(plain, server_hostname="api.stripe.com").version())
    said.append(len(context.get_ca_certs()))
""",
    )
    other.close()

    assert words == ["TLSv1.3", 2] * 3


def test_a_name_put_in_the_dark_does_not_resolve_until_it_is_lit_again(stage: Stage) -> None:
    look_up = 'failing(lambda: socket.gethostbyname("api.stripe.com") and "found")'

    stage.interception.darken(["api.stripe.com"])
    dark = said(stage, look_up + '\nfailing(lambda: socket.gethostbyname("a.amazonaws.com") and "found")')
    assert stage.interception.attempts() == 1
    stage.interception.lighten()

    assert dark == [["gaierror", socket.EAI_NONAME], "found"]
    assert said(stage, look_up) == ["found"]
    assert stage.refused() == []


def test_a_report_that_is_full_grows_no_more(stage: Stage) -> None:
    report = stage.interception.authority.folder / "report"
    report.write_bytes(b"x" * REPORT_LIMIT_BYTES)

    said(stage, 'for _ in range(9): failing(lambda: socket.gethostbyname("one.example"))')

    assert report.stat().st_size == REPORT_LIMIT_BYTES


def test_a_mark_tells_new_refusals_from_old(stage: Stage) -> None:
    said(stage, 'failing(lambda: socket.gethostbyname("one.example"))')
    mark = stage.interception.mark()
    said(stage, 'failing(lambda: socket.gethostbyname("two.example"))')

    assert [one.host for one in stage.interception.refused(mark)] == ["two.example"]


def test_a_program_pays_for_no_module_it_does_not_use(stage: Stage) -> None:
    heavy = stage.python(
        "import json, sys\nprint(json.dumps([m for m in ('socket', 'ssl', 'asyncio') if m in sys.modules]))"
    )

    assert heavy == []
    assert len(stage.interception.loaded()) == 1


def test_sockets_that_were_loaded_before_the_shim_are_held_to_it_too(stage: Stage) -> None:
    words = stage.run(
        [
            sys.executable,
            "-E",
            "-c",
            BEGIN
            + f"sys.path.insert(0, {str(SHIMS)!r})\nfrom ripstop_shim import outbound\noutbound.install()\n"
            'ping(socket.create_connection(("api.stripe.com", 443)), "api.stripe.com")\n'
            'said.append(socket.gethostbyname("api.stripe.com")[:7])\n'
            'failing(lambda: socket.create_connection(("198.51.100.1", 1)))' + END,
        ]
    )

    assert words == ["200", "127.77.", ["ConnectionRefusedError", 111]]


def test_a_table_that_is_gone_goes_unnoticed(stage: Stage, tmp_path: Path) -> None:
    (stage.interception.authority.folder / "table").unlink()

    assert said(stage, "said.append('runs')") == ["runs"]
