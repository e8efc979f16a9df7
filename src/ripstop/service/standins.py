"""Stand-ins, in SQL, for extensions that migrations ask for and the embedded server is built without.

The server looks among its own extensions first, so a complete installation never meets one.
"""

from __future__ import annotations

import os
from pathlib import Path

from ripstop.service.account import Account

FIRST_MAJOR = 18
"""Older servers know no ``extension_control_path``."""
_FOLDER = "stand_ins"
_SOURCE = Path(__file__).parent / "extension"


def furnish(data: Path, account: Account | None) -> None:
    """Lay the stand-ins into a data directory, where the server's account can read them."""
    folder = data / _FOLDER / _SOURCE.name
    folder.mkdir(mode=0o700, parents=True)
    for source in sorted(_SOURCE.iterdir()):
        (folder / source.name).write_bytes(source.read_bytes())
    if account:
        for path in (folder.parent, folder, *folder.iterdir()):
            os.chown(path, account.uid, account.gid)


def settings(data: Path, version: str) -> dict[str, str]:
    """The server settings that let the stand-ins be found; none for a server too old."""
    if int(version.partition(".")[0]) < FIRST_MAJOR:
        return {}
    return {"extension_control_path": f"$system:{data / _FOLDER}"}
