"""Building the parts of a rig from a Config: servers, databases, doubles, seams, the service.

Every part that was started is stopped again when a later one fails.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ripstop.config import Config, SeamConfig, render
from ripstop.doubles.double import Double
from ripstop.doubles.loading import load
from ripstop.model.address import PostgresAddress
from ripstop.rig.loop import WireThread
from ripstop.rig.seam import Seam
from ripstop.seams.board import Board
from ripstop.seams.http import HttpSeam
from ripstop.seams.postgres import PostgresSeam
from ripstop.service.postgres import PostgresServer
from ripstop.service.process import ServiceProcess, run_setup
from ripstop.state.database import Database

Values = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Parts:
    """What runs. ``closing`` undoes the starts in reverse order."""

    board: Board = field(default_factory=Board)
    seams: dict[str, Seam] = field(default_factory=dict)
    servers: dict[str, PostgresServer] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    doubles: dict[str, Double] = field(default_factory=dict)
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
