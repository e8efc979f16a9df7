"""A database that fails is an answer: try again."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse

log = logging.getLogger(__name__)


class Outages:
    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DatabaseError | InterfaceError):
            return None
        log.error("the database failed", exc_info=error)
        return JsonResponse({"error": "database_unavailable", "retryable": True}, status=503)
