"""Commands to Redis by the clients of both languages, and by Django's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from .snippets import operations, reached, within

PYTHON = "import redis\nr = redis.Redis(host='x')\n"
IOREDIS = "import Redis from 'ioredis'\nconst redis = new Redis()\n"
NODE = "import { createClient } from 'redis'\nconst client = createClient()\n"
CACHE = """
# file: settings.py
ROOT_URLCONF = "x"
INSTALLED_APPS = []
CACHES = {{"default": {{"BACKEND": "django.core.cache.backends.{backend}", "LOCATION": "a"}}}}
# file: app.py
from django.core.cache import cache
"""


@pytest.mark.parametrize(
    ("before", "call", "told"),
    [
        (PYTHON, "r.set(f'session:{x}', 1, ex=3)", "SET session:{x}"),
        (PYTHON, "r.get('user:1')", "GET user:{id}"),
        (PYTHON, "r.incr('hits')", "INCRBY hits"),
        (PYTHON, "r.delete('a', 'b')", "DEL a b"),
        (PYTHON, "r.hset('h', 'k', 'v')", "HSET h"),
        (IOREDIS, "await redis.incr('hits')", "INCR hits"),
        (IOREDIS, "await redis.set(`s:${x}`, 1)", "SET s:{x}"),
        (NODE, "await client.setEx('k', 3, 'v')", "SETEX k"),
    ],
)
def test_a_command_is_named_as_its_seam_names_it(tmp_path: Path, before: str, call: str, told: str) -> None:
    (reach,) = reached(tmp_path, within(before, call))

    assert (reach.protocol, reach.operation) == ("redis", told)


def test_a_cache_in_redis_is_told_with_its_prefix(tmp_path: Path) -> None:
    before = CACHE.format(backend="redis.RedisCache")

    assert operations(tmp_path, before, "cache.set(f'user:{x}', 1)") == ["SET :{id}:user:{x}"]


def test_a_cache_in_the_process_reaches_nothing(tmp_path: Path) -> None:
    before = CACHE.format(backend="locmem.LocMemCache")

    assert operations(tmp_path, before, "cache.set('a', 1)") == []


@pytest.mark.parametrize("call", ["{}.get('a')", "x.set('a', 1)", "r.register_script('x')"])
def test_methods_of_others_are_left_alone(tmp_path: Path, call: str) -> None:
    assert operations(tmp_path, PYTHON, call) == []
