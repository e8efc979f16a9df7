"""Who somebody is, or what they may do, is decided or changed here."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard, Place, Sureness
from ripstop.scan.hazards.asking import calls, is_write, listed, words
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

The workflow logs somebody in, makes or takes back a token, checks or sets a password, or changes who may
do what. A route that merely asks who is there, as most do, is not meant.

## Why it matters

When such a workflow breaks half-way, people are locked out, or let in. A token that stands after its
session was deleted, a password that was changed without the mail that says so: nobody sees them until
somebody uses them.

## Example

`POST /login/access-token` verifies a password and signs a token.

## What to do instead

Have a test for the refusal as well as for the success, for a request with somebody else's credentials, and
for each write or mail that fails after another.
"""

REASON = Reason("authentication", "authentication or authorization", 15, _PAGE)
_PATH = listed(
    "login logout signin signup signout register registration token password auth oauth session otp mfa "
    "permission role invite invitation verify verification credential apikey sso saml"
)
_TABLES = listed("token session password permission role credential otp membership grant")
_LIBRARIES = (
    "jwt.encode",
    "jwt.sign",
    "jsonwebtoken.sign",
    "jose.jwt.encode",
    "jose.SignJWT",
    "bcrypt.hash",
    "bcrypt.compare",
    "bcrypt.checkpw",
    "argon2.",
    "passlib.",
    "pwdlib.",
    "django.contrib.auth.login",
    "django.contrib.auth.logout",
    "django.contrib.auth.authenticate",
    "flask_login.login_user",
    "flask_login.logout_user",
    "werkzeug.security.",
)
_NAMES = (("password", "verify"), ("password", "hash"), ("password", "check"), ("token", "create"))


def hazards(subject: Subject) -> Iterator[Hazard]:
    """At most one, the surest; what guards do before the handler does not count."""
    found = sorted(_found(subject), key=lambda hazard: list(Sureness).index(hazard.sureness))
    yield from found[:1]


def _found(subject: Subject) -> Iterator[Hazard]:
    for name, place, sureness in _called(subject):
        if name.startswith(_LIBRARIES):
            yield REASON.hazard(f"{name} ({place}) decides who somebody is", place, sureness)
        elif any(set(pair) <= words(name.rpartition(".")[2]) for pair in _NAMES):
            yield REASON.hazard(f"{name} ({place}) decides who somebody is", place, Sureness.LIKELY)
    for reach in subject.reaches:
        if is_write(reach) and words(reach.target) & _TABLES:
            yield REASON.hazard(f"{told(reach)} changes who may do what", reach.place, Sureness.LIKELY)
    if words(subject.route.path) & _PATH:
        text = f"{subject.route.operation} is about who somebody is, as its path says"
        yield REASON.hazard(text, subject.route.place, Sureness.GUESS)


def _called(subject: Subject) -> Iterator[tuple[str, Place, Sureness]]:
    for function in subject.functions:
        for call in calls(function.calls):
            yield call.target or call.name, call.place, call.sureness
