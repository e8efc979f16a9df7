"""out_of_memory: the server's memory is full."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import RunServer, SayClient

from .redis_commands import commands, crossing

TEXT = "OOM command not allowed when used memory > 'maxmemory'."
SAID = f"-{TEXT}\r\n".encode()


def test_a_command_alone_is_refused_in_the_servers_words() -> None:
    assert commands(faults.out_of_memory(), crossing("SET a 1")) == (SayClient(SAID),)


def test_within_multi_the_server_is_given_something_it_refuses_to_queue() -> None:
    queued = commands(faults.out_of_memory(), crossing("SET a 1", in_transaction=True))

    assert queued == (RunServer(b"*1\r\n$3\r\nGET\r\n"), SayClient(SAID))


def test_at_exec_the_transaction_is_discarded_and_says_why() -> None:
    said = f"-EXECABORT Transaction discarded because of: {TEXT}\r\n".encode()

    run, say = commands(faults.out_of_memory(), crossing("EXEC"))

    assert run == RunServer(b"*1\r\n$7\r\nDISCARD\r\n")
    assert say == SayClient(said)
