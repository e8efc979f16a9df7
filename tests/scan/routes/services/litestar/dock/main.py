"""The application."""

from litestar import HttpMethod, Litestar, Router, get, route
from litestar.static_files import create_static_files_router

from dock.boats import Boats
from dock.guards import harbour_master


@get("/health")
async def health() -> str:
    return "ok"


@route("/signal/{flag:str}", http_method=[HttpMethod.PUT, HttpMethod.PATCH])
async def signal(flag: str) -> str:
    return flag


@get("/never")
async def never() -> str:
    return "in no list"


inner = Router("/v1", route_handlers=[Boats], guards=[harbour_master])
app = Litestar(
    route_handlers=[
        health,
        inner,
        Router(path="/tower", route_handlers=[signal]),
        create_static_files_router(path="/static", directories=["."]),
    ],
)
