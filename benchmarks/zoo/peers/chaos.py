"""Schemathesis while Toxy, a proxy that fails on purpose, stands between the service and its providers.

Toxy breaks calls and judges nothing; Schemathesis judges and breaks no calls. Together they are what comes
closest to faults at a service's own seams without containers. The database is out of Toxy's reach.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from benchmarks.zoo.peers.schemathesis import command, failures

from ripstop.service.ports import free_port

__all__ = ["beside", "command", "failures"]

_PROGRAM = Path(__file__).with_name("toxy.js")


def beside(folder: Path, tools: Mapping[str, str]) -> list[str]:
    """Put Toxy before every provider the service finds by a URL; its command, empty where there is none."""
    settings = folder / "pyproject.toml"
    text = settings.read_text()
    ports = []
    for name, seam in tomllib.loads(text)["tool"]["ripstop"].get("seams", {}).items():
        header, url = f"[tool.ripstop.seams.{name}]", f"{{seams.{name}.url}}"
        if seam["protocol"] == "http" and header in text and url in text and "port" not in seam:
            listen, target = free_port(), free_port()
            text = text.replace(url, f"http://127.0.0.1:{listen}").replace(
                header, f"{header}\nport = {target}"
            )
            ports.append(f"{listen}:{target}")
    settings.write_text(text)
    return [tools["node"], str(_PROGRAM), tools["node_modules"], *ports] if ports else []
