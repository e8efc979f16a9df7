"""Who may pass."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, request


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*given: Any, **named: Any) -> Any:
        if "Authorization" not in request.headers:
            abort(401)
        return view(*given, **named)

    return guarded


def known_client() -> None:
    """Nothing yet."""
