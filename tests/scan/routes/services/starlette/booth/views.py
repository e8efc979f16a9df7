"""Functions and an endpoint class."""

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response


async def health(request: Request) -> Response:
    return PlainTextResponse("ok")


async def sell(request: Request) -> Response:
    return JSONResponse(await request.json(), 201)


class Ticket(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse(request.path_params["number"])

    async def delete(self, request: Request) -> Response:
        return Response(status_code=204)
