"""Pools of one connection, used the way services use them: check out, work, give back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import asyncpg
import psycopg_pool

from .drivers import Step, numbered

Before = Callable[[int], None]


class Pool(Protocol):
    def use(self, steps: tuple[Step, ...], before: Before = lambda _: None) -> object:
        """Run steps on a connection out of the pool; answers with its backend's pid."""
        ...

    def close(self) -> None: ...


class PsycopgPool:
    def __init__(self, url: str) -> None:
        self._pool = psycopg_pool.ConnectionPool(
            url,
            min_size=1,
            max_size=1,
            open=True,
            kwargs={"autocommit": True},
            timeout=5,
            reconnect_timeout=1,
        )
        self._pool.wait()

    def use(self, steps: tuple[Step, ...], before: Before = lambda _: None) -> object:
        with self._pool.connection() as connection:
            for at, step in enumerate(steps):
                before(at)
                connection.execute(step[0].replace("?", "%s"), step[1:] or None)
            return connection.info.backend_pid

    def close(self) -> None:
        self._pool.close()


class AsyncpgPool:
    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._pool = self._runner.run(self._open(url))

    def use(self, steps: tuple[Step, ...], before: Before = lambda _: None) -> object:
        return self._runner.run(self._use(steps, before))

    def close(self) -> None:
        self._pool.terminate()
        self._runner.close()

    async def _open(self, url: str) -> Any:
        return await asyncpg.create_pool(url, min_size=1, max_size=1)

    async def _use(self, steps: tuple[Step, ...], before: Before) -> object:
        async with self._pool.acquire() as connection:
            for at, step in enumerate(steps):
                before(at)
                sql = numbered(step[0])
                await (connection.fetch(sql, *step[1:]) if step[1:] else connection.execute(sql))
            return connection.get_server_pid()


POOLS: dict[str, Callable[[str], Pool]] = {"psycopg_pool": PsycopgPool, "asyncpg": AsyncpgPool}
