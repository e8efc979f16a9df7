"""The stand of a redis seam: a real server, the proxy before it, its keys.

Keys that the configuration calls durable are state like rows, and are told as changes of a table
named for their pattern; every other key is taken for a cache that may come and go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ripstop.config import Config, SeamConfig
from ripstop.model.address import RedisAddress
from ripstop.model.fault import Facts
from ripstop.model.state import Change, KeyChange, Observation
from ripstop.rig.stand import Address, Ground
from ripstop.seams.redis import RedisSeam
from ripstop.service.redis import RedisServer
from ripstop.state.keyspace import Keyspace

_KINDS = {"set": "insert", "changed": "update", "deleted": "delete"}


@dataclass(slots=True)
class RedisStand:
    """``keyspace`` can be asked from ``open`` on."""

    server: RedisServer
    seam: RedisSeam
    durable: tuple[str, ...] = ()
    _keyspace: Keyspace | None = None
    _base: tuple[KeyChange, ...] = ()

    @classmethod
    def build(cls, seam: SeamConfig, _config: Config, ground: Ground) -> RedisStand:
        """Start the server. Raises StartError, or UsageError ``extra-missing``."""
        server = RedisServer.start(bindir=seam.bindir, env=ground.environment)
        proxy = RedisSeam(seam.name, server.address, ground.board, port=seam.port)
        return cls(server, proxy, seam.durable)

    @property
    def keyspace(self) -> Keyspace:
        assert self._keyspace is not None, "open comes first"
        return self._keyspace

    def direct(self) -> Address:
        return _address(self.server.address)

    def proxied(self) -> Address:
        return _address(self.seam.address)

    def open(self, activity: Callable[[], object]) -> None:
        self._keyspace = Keyspace.open(self.server.address, seam=self.seam.name, activity=activity)

    def close(self) -> None:
        if self._keyspace:
            self._keyspace.close()
        self._keyspace = None
        self.server.stop()

    def begin(self) -> None:
        self._base = ()

    def enter_call(self) -> None:
        self._base = self.keyspace.read()

    def observe(self) -> Observation:
        mine = tuple(change for change in self.keyspace.read() if change not in self._base)
        return Observation(changes=tuple(self._rows(mine)), keys=mine)

    def busy(self) -> tuple[str, ...]:
        return self.seam.busy()

    def redeliver(self) -> int:
        return 0

    def mark(self, stand_down: Callable[[], None]) -> str:
        self.keyspace.mark()
        return ""

    def reset(self, stand_down: Callable[[], None]) -> str:
        self.keyspace.undo()
        return ""

    def end_cut_sessions(self) -> tuple[str, ...]:
        return ()

    def facts(self, operation: str) -> Facts:
        return Facts()

    def problems(self) -> tuple[str, ...]:
        return self.seam.notes

    def refused(self) -> tuple[str, ...]:
        return ()

    def _rows(self, changes: tuple[KeyChange, ...]) -> Iterator[Change]:
        for change in changes:
            pattern = next((one for one in self.durable if fnmatchcase(change.key, one)), None)
            if pattern:
                table = f"{self.seam.name}:{pattern}"
                yield Change(
                    _KINDS[change.kind], table, _row(change.key, change.old), _row(change.key, change.new)
                )


def _row(key: str, value: Any) -> dict[str, str] | None:
    return None if value is None else {"key": key, "value": json.dumps(value, sort_keys=True, default=str)}


def _address(address: RedisAddress) -> Address:
    return {"url": address.url, "host": address.host, "port": str(address.port)}
