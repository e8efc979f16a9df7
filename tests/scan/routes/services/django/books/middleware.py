"""What stands before every view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def counted(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    return get_response
