"""Ports of the loopback interface, asked of the kernel."""

from __future__ import annotations

import socket

from ripstop.service.ports import HOST, free_port, taken


def test_a_free_port_can_be_bound() -> None:
    with socket.socket() as server:
        server.bind((HOST, free_port()))


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
