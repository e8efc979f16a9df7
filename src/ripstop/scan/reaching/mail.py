"""Mail handed to a mail server. Providers that take mail over HTTP are in `providers`."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Reach
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last, root
from ripstop.scan.reaching.values import stated, text_of

_WORDS = {
    "smtplib": frozenset({"send_message", "sendmail"}),
    "aiosmtplib": frozenset({"send", "send_message", "sendmail"}),
    "django": frozenset(
        {"send_mail", "send_mass_mail", "mail_admins", "mail_managers", "send", "send_messages"}
    ),
    "fastapi_mail": frozenset({"send_message"}),
    "flask_mail": frozenset({"send", "send_message"}),
    "flask_mailman": frozenset({"send", "send_mail"}),
    "emails": frozenset({"send"}),
    "yagmail": frozenset({"send"}),
    "redmail": frozenset({"send"}),
    "nodemailer": frozenset({"sendMail"}),
}
METHODS = frozenset().union(*_WORDS.values())
_HOSTS = ("host", "hostname", "smtp_host", "MAIL_SERVER")


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The mail a call sends: ``DATA``, as its seam names what stands once it is acknowledged."""
    library = root(call.name)
    if last(call.name) not in _WORDS.get(library, ()) or (library == "django" and ".mail" not in call.name):
        return
    yield Reach(
        "smtp",
        "DATA",
        Kind.CALL,
        call.place,
        target=_server(call, code),
        client=library,
        sureness=call.sureness,
        effect=True,
        timeout=_waits(call, code, library),
    )


def _server(call: Call, code: Codebase) -> str:
    """The mail server, or the setting that names it; empty where neither is in sight."""
    owner = known(code).resolve(call.owner)
    given = [stated(call, code, *_HOSTS), *map(owner.get, _HOSTS)]
    options = (call.argument("smtp"), owner.get("0"))
    given += [known(code).resolve(one).get("host") for one in options if one is not None]
    given += [owner.get("0")] if library_of_host(owner.text) else []
    text = next(filter(None, (text_of(one, code) for one in given)), "")
    return f"${last(text.strip('{}'))}" if text.startswith("{") else text


def library_of_host(name: str) -> bool:
    """Whether the first thing a class is made of is a mail server's name."""
    return name in ("smtplib.SMTP", "smtplib.SMTP_SSL", "aiosmtplib.SMTP")


def _waits(call: Call, code: Codebase, library: str) -> bool | None:
    if library not in ("smtplib", "django"):
        return None
    owner = known(code).resolve(call.owner)
    if library == "django":
        return known(code).constant("EMAIL_TIMEOUT") is not None
    return owner.get("timeout") is not None if owner.items else None
