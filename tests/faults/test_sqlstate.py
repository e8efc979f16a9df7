"""sqlstate: an error of the database's own, raised by the real backend."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.model.fault import SendBackend
from ripstop.wire.sqltext import words

INSERT = "INSERT INTO shop.orders (id, key) VALUES (1, 'k')"


def test_the_backend_raises_it_and_the_context_of_our_block_is_dropped(
    on_request: Any, statement: Any
) -> None:
    (command,) = on_request(faults.sqlstate("57014"), statement(INSERT))

    assert isinstance(command, SendBackend)
    assert command.sql.startswith(
        "DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''57014'', MESSAGE = ''canceling"
    )
    assert (command.error["W"], command.error["R"], command.before) == (None, "ProcessInterrupts", "")


def test_an_error_at_commit_comes_after_a_rollback(on_request: Any, statement: Any) -> None:
    (command,) = on_request(faults.sqlstate("40001"), statement("COMMIT", in_transaction=True))

    assert command.before == "ROLLBACK"
    assert "during commit attempt" in command.sql


def test_a_duplicate_key_names_schema_table_constraint_and_columns(on_request: Any, statement: Any) -> None:
    spec = faults.sqlstate("23505", constraint="o'k\\ey", columns="id")
    (command,) = on_request(spec, statement("INSERT INTO a (id) VALUES (1)"))

    assert words(command.sql) == ["do", "'?'"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("UPDATE a SET n = 1", "cannot execute UPDATE in"),
        ("COPY a FROM STDIN", "cannot execute COPY FROM in"),
        ("TRUNCATE a", "cannot execute TRUNCATE TABLE in"),
    ],
)
def test_a_read_only_server_names_the_command_it_refuses(
    on_request: Any, statement: Any, text: str, named: str
) -> None:
    (command,) = on_request(faults.sqlstate("25006"), statement(text))

    assert named in command.sql
