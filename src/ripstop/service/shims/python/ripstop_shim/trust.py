"""Have TLS clients trust the rig's authority too, whatever bundle they were given.

It is added when a context is about to be used, since clients fill theirs in as they like until
then. Nothing they trusted is taken away and no check is relaxed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARK = "_ripstop_trusts"


def patch_ssl(module: Any, ca: str) -> None:
    """``ssl.SSLContext``, where every wrapper ends up: its own, a subclass's, gevent's, truststore's."""
    context = module.SSLContext
    wrap_socket, wrap_bio = context._wrap_socket, context._wrap_bio

    def trusting_socket(self: Any, *args: Any, **kwargs: Any) -> Any:
        _trust(self, ca)
        return wrap_socket(self, *args, **kwargs)

    def trusting_bio(self: Any, *args: Any, **kwargs: Any) -> Any:
        _trust(self, ca)
        return wrap_bio(self, *args, **kwargs)

    context._wrap_socket, context._wrap_bio = trusting_socket, trusting_bio


def _trust(context: Any, ca: str) -> None:
    if getattr(context, _MARK, False):
        return
    try:
        context.load_verify_locations(cafile=ca)
        setattr(context, _MARK, True)
    except Exception:  # noqa: S110
        pass


def patch_openssl(module: Any, ca: str) -> None:
    """pyOpenSSL's ``Context``, whose trust only ever grows: the authority can be its first."""
    begin = module.Context.__init__

    def begin_trusting(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self.load_verify_locations(ca)

    module.Context.__init__ = begin_trusting
