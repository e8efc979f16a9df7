"""Boats: a controller."""

from dataclasses import dataclass

from litestar import Controller, delete, get, post
from litestar.di import Provide

from dock.guards import harbour_master, tide_is_high


@dataclass
class Boat:
    name: str
    metres: int


async def berth() -> int:
    return 1


class Boats(Controller):
    path = "/boats"
    guards = (harbour_master,)

    @get()
    async def every(self) -> list[Boat]:
        return []

    @post("/", guards=[tide_is_high], dependencies={"berth": Provide(berth)})
    async def moor(self, data: Boat, berth: int) -> Boat:
        return data

    @get(["/{number:int}", "/{number:int}/card"])
    async def one(self, number: int) -> Boat:
        return Boat("x", number)

    @delete("/{number:int}/")
    async def cast_off(self, number: int) -> None:
        """Gone."""
