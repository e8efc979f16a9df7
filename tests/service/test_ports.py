"""Ports of the loopback interface: free now, and free again for who is started again."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ripstop.service import ports
from ripstop.service.ports import HOST, free_port, taken


def test_a_free_port_can_be_bound() -> None:
    with socket.socket() as server:
        server.bind((HOST, free_port()))


def test_the_kernel_gives_a_free_port_to_nobody_by_itself() -> None:
    given = []
    for _ in range(50):
        with socket.socket() as one:
            one.bind((HOST, 0))
            given.append(one.getsockname()[1])

    assert max(free_port() for _ in range(50)) < min(given)


def test_where_all_ports_are_the_kernels_it_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "range").write_text("1024\t60999\n")
    monkeypatch.setattr(ports, "_DYNAMIC", tmp_path / "range")

    assert not taken(free_port())


def test_a_port_someone_listens_on_is_taken_until_it_is_closed() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert taken(port)

    assert not taken(port)


def test_a_closed_connection_that_lingers_does_not_take_the_port() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection((HOST, port))
        server.accept()[0].close()
        client.close()

    assert not taken(port)
