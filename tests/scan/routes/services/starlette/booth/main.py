"""Lists of routes, in lists."""

from starlette.applications import Starlette
from starlette.authentication import AuthCredentials
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, Router

from booth.views import Ticket, health, sell


class Everyone:
    async def authenticate(self, conn: Request) -> AuthCredentials:
        return AuthCredentials()


async def late(request: Request) -> Response:
    return PlainTextResponse("late")


tickets = [
    Route("/", sell, methods=["POST"]),
    Route("/{number:int}", Ticket),
]
desk = Router([Route("/open", endpoint=health)])

app = Starlette(
    routes=[
        Route("/health", health),
        Mount("/tickets", routes=tickets),
        Mount("/desk", app=desk),
    ],
    middleware=[Middleware(AuthenticationMiddleware, backend=Everyone())],
)
app.add_route("/late", late, methods=["GET"])
