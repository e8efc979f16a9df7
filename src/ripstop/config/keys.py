"""The keys of every table, each with the reader of its value, and the fields of templates."""

from __future__ import annotations

from collections.abc import Mapping

from ripstop.config.values import (
    Reader,
    a_double,
    a_flag,
    a_path,
    a_string_table,
    a_sum,
    a_text,
    a_url,
    a_whole,
    a_zone,
    as_is,
    one_of,
    some_commands,
    some_seconds,
    some_settings,
    some_texts,
)

SEAM_FIELDS: Mapping[str, tuple[str, ...]] = {
    "postgres": ("host", "port", "url", "user", "password", "database"),
    "http": ("host", "port", "url"),
    "redis": ("host", "port", "url"),
    "smtp": ("host", "port", "url", "user", "password"),
}

TOP: Mapping[str, Reader] = {
    "service": as_is,
    "seams": as_is,
    "processes": as_is,
    "workflows": as_is,
    "budget_s": some_seconds,
    "data_dir": a_text,
    "tests_dir": a_text,
}
SERVICE: Mapping[str, Reader] = {
    "command": a_text,
    "ready": a_path,
    "setup": some_commands,
    "port": a_whole(0, 65_535),
    "env": a_string_table,
    "cwd": a_text,
    "start_timeout_s": some_seconds,
}
PROCESS: Mapping[str, Reader] = {"command": a_text, "ready": a_text, "env": a_string_table, "cwd": a_text}
WORKFLOW: Mapping[str, Reader] = {
    "risk": one_of("low", "normal", "high", "critical"),
    "revenue": a_sum,
    "cost_of_failure": a_sum,
    "frequency": a_sum,
    "currency": a_text,
    "owner": a_text,
}
SEAM: Mapping[str, Mapping[str, Reader]] = {
    "postgres": {
        "protocol": a_text,
        "journal": some_texts,
        "bindir": a_text,
        "server": a_text,
        "database": a_text,
        "user": a_text,
        "password": a_text,
        "settings": some_settings,
        "port": a_whole(0, 65_535),
    },
    "http": {
        "protocol": a_text,
        "double": a_double,
        "hosts": some_texts,
        "retry_cap": a_whole(1, 1_000),
        "port": a_whole(0, 65_535),
        "webhook": a_path,
        "webhook_secret": a_text,
        "upstream": a_url,
        "sandbox": a_flag,
    },
    "redis": {"protocol": a_text, "bindir": a_text, "durable": some_texts, "port": a_whole(0, 65_535)},
    "smtp": {
        "protocol": a_text,
        "tls": one_of("starttls", "implicit", "off"),
        "port": a_whole(0, 65_535),
    },
    "clock": {"protocol": a_text, "zone": a_zone},
}
