"""Who may pass."""

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler


def harbour_master(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    if "authorization" not in connection.headers:
        raise NotAuthorizedException


def tide_is_high(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    """Nothing yet."""
