"""Runs a service's requests once on a rig and prints what crossed its seams. A script, started in its folder.

Its one argument is a JSON list of requests: ``[method, path, body, headers]``; ``{id}`` in a path is the
``id`` of the answer before. Faults, retries and checks are other people's: here is the plain trace.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ripstop import config
from ripstop.model.experiment import CallOutcome
from ripstop.rig.rig import Rig
from ripstop.rig.run import Run


def record(folder: Path, requests: list[list[Any]]) -> list[dict[str, str]]:
    """Each crossing of the requests, in order: its step, protocol, operation, kind and process."""
    rig = Rig.start(config.load(folder))
    try:
        run = Run(rig)
        run.begin()
        run.enter_call()
        with rig.client() as client:
            made: object = ""
            for method, path, body, headers in requests:
                answer = client.request(method, path.replace("{id}", str(made)), json=body, headers=headers)
                if answer.status_code >= 500:
                    raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
                found = answer.json() if "json" in answer.headers.get("content-type", "") else None
                made = found["id"] if isinstance(found, dict) and "id" in found else made
        trace = run.finish(CallOutcome(passed=True)).trace
    finally:
        rig.close()
    return [
        {
            "step": one.id.step,
            "protocol": one.protocol,
            "operation": one.id.operation,
            "kind": str(one.kind),
            "process": one.process,
        }
        for one in trace
    ]


if __name__ == "__main__":
    sys.path.pop(0)
    sys.stdout.write(json.dumps(record(Path.cwd(), json.loads(sys.argv[1]))))
