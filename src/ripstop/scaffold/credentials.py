"""Who asks: registering and logging in before the call, where a route is guarded and others let in."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ripstop.model.survey import Route
from ripstop.scaffold import requests, values
from ripstop.scaffold.drafts import Draft, Given, Joined, Path, Seen, Send
from ripstop.scaffold.mending import Context, at_fault
from ripstop.scaffold.mending import flat as _flat
from ripstop.scaffold.requests import Knowledge

_LOGIN = re.compile(
    r"/(login|log-in|signin|sign-in|tokens?|access-token|authenticate|sessions?|jwt/create|auth|obtain_token)(/access-token|/?)?$"
)
_REGISTER = re.compile(
    r"/(register|signup|sign-up|registration|create-account|users|user|accounts|auth/users|users/open)/?$"
)
_NOBODY = re.compile(
    r"\b(user|e-?mail|account|customer)\b.{0,60}?(not (found|exist)|doesn.t exist|unknown)", re.IGNORECASE
)
_TOKENS = (
    "access_token",
    "accessToken",
    "token",
    "access",
    "jwt",
    "auth_token",
    "id_token",
    "key",
    "idToken",
)
_PAIRS = (("FIRST_SUPERUSER", "FIRST_SUPERUSER_PASSWORD"),)
_BASIC = re.compile(r"basic|(verify|check|get)_password", re.IGNORECASE)
"""Guards that take a name and a password in the header (RFC 7617)."""
_CSRF = "a" * 32
_REFUSED = (401, 403)


def identify(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A way of mending: the next identity that has not been tried."""
    if seen.broken:
        return _other_login(draft, seen, context)
    send = at_fault(draft, seen)
    away = seen.status in (302, 303, 307) and "login" in seen.headers.get("location", "")
    if send is None or not (seen.status in _REFUSED or away):
        return _token(draft, seen, context) if "login" in seen.arranged and not _authorized(draft) else None
    if "csrf" in seen.text.lower() and context.again("csrf", 1):
        headers = {**send.headers, "Cookie": f"csrftoken={_CSRF}", "X-CSRFToken": _CSRF}
        return replace(draft, act=replace(send, headers=headers))
    for way in (_token, _key, _registered, _superuser):
        if (better := way(draft, seen, context)) is not None:
            return better
    return None


def _authorized(draft: Draft) -> bool:
    return any(name.lower() in ("authorization", "x-api-key") for name in draft.act.headers)


def _token(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """The token of an answer to a login, as the call's header, in each manner it may be written."""
    for step in ("login", "register"):
        if path := token_in(seen.arranged.get(step)):
            for scheme in schemes(context.known):
                if context.again(f"{scheme} of {step} {len(draft.arrange)}", 1):
                    header = Joined((scheme, Given(step, path)))
                    headers = {**draft.act.headers, "Authorization": header}
                    return replace(draft, act=replace(draft.act, headers=headers))
    return None


def schemes(known: Knowledge) -> list[str]:
    """What stands before a token: those that the code names first."""
    texts = [known.project.text(path) for path in known.project.code(".py", ".ts", ".js", ".mjs")]
    names = ("Bearer", "Token", "JWT")
    said = [one for one in names if any(re.search(rf"""['"`]{one}\b""", text) for text in texts)]
    tokens = ["Token"] if any("authtoken" in text for text in texts) else []
    return [f"{one} " for one in dict.fromkeys((*tokens, *said, *names))] + [""]


def token_in(answer: Any, path: Path = ()) -> Path:
    """Where in an answer a token is; empty where there is none."""
    if not isinstance(answer, Mapping) or len(path) > 3:
        return ()
    for name in _TOKENS:
        if isinstance(answer.get(name), str) and len(answer[name]) > 7:
            return (*path, name)
    return next((found for key, one in answer.items() if (found := token_in(one, (*path, key)))), ())


def _key(draft: Draft, _seen: Seen, context: Context) -> Draft | None:
    """A key in a header that the code compares with a setting."""
    names = [
        one
        for one in context.asked.headers
        if re.search(r"key|token|secret", one, re.IGNORECASE) and not values.is_key(one)
    ]
    for path in context.known.project.code(".py", ".ts", ".js"):
        text = context.known.project.text(path)
        names += re.findall(r"APIKeyHeader\([^)]*name=['\"]([\w-]+)", text) + re.findall(
            r"['\"](x-api-key)['\"]", text, re.IGNORECASE
        )
    given = [
        value
        for name, value in context.env.items()
        if re.search(r"API_?KEY|AUTH_?TOKEN|API_?TOKEN", name) and "{" not in value
    ]
    if not names or not given or not context.again("key", 1):
        return None
    return replace(draft, act=replace(draft.act, headers={**draft.act.headers, names[0]: given[0]}))


def _registered(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """Somebody new, who registers, and who logs in where registering gives no token."""
    login, register = _routes(context)
    done = "register" in seen.arranged
    if register and not done and register != context.route and context.again("register", 1):
        return _before(draft, [replace(_ask(register, context), name="register")])
    if login and login != context.route and context.again("login", 1):
        steps = [one for one in draft.arrange if isinstance(one, Send) and one.name == "register"]
        return _before(draft, [*steps, _login(login, _body(steps[0]) if steps else {}, context)])
    return None


def known_first(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A way of mending: whoever logs in, or is written to, has registered before as the same person."""
    login, register = _routes(context)
    if seen.broken or context.route is None or not register or register == context.route:
        return None
    if seen.status not in (400, 401, 403, 404, 422):
        return None
    there = next((one for one in draft.arrange if isinstance(one, Send) and one.name == "register"), None)
    if there is not None and _takes_basic(context.route) and context.again("basic", 1):
        return replace(draft, act=_with_basic(draft.act, _flat(_body(there))))
    logs_in = context.route == login or bool(_LOGIN.search(context.route.path.lower()))
    nobody = bool(_NOBODY.search(seen.text))
    return known(draft, context) if logs_in or nobody else None


def known(draft: Draft, context: Context) -> Draft | None:
    """The draft of somebody who has registered before: its fields, or its header, are that person's."""
    _, register = _routes(context)
    if context.route is None or not register or register == context.route or not context.again("known", 1):
        return None
    step = replace(_ask(register, context), name="register")
    said = _flat(_body(step))
    act = draft.act
    if _takes_basic(context.route):
        return _before(draft, [step])
    params = {name: said.get(name, one) for name, one in act.params.items()}
    act = replace(act, params=params)
    if act.form is None:
        return _before(replace(draft, act=replace(act, json=_like(act.json, said))), [step])
    form = {**act.form, **{name: said[name] for name in act.form if name in said}}
    if "username" in form and "username" not in said:
        form["username"] = said.get("email", form["username"])
    return _before(replace(draft, act=replace(act, form=form)), [step])


def _like(body: Any, said: Mapping[str, Any]) -> Any:
    """A body with the values of another wherever fields have the same name."""
    if not isinstance(body, Mapping):
        return body
    return {name: said.get(name, _like(one, said)) for name, one in body.items()}


def _superuser(draft: Draft, _seen: Seen, context: Context) -> Draft | None:
    """The account that the settings make."""
    login, _ = _routes(context)
    account = superuser(context.env)
    if not login or not account or not context.again("superuser", 1):
        return None
    return _before(draft, [_login(login, account, context)])


def _other_login(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """Registering or logging in did not work: the account of the settings, if there is one."""
    if seen.broken in ("login", "register") and seen.status in (401, 403, 404, 405, 500):
        return _superuser(draft, seen, context)
    return None


def superuser(env: Mapping[str, str]) -> dict[str, str]:
    """The account of first data, by the settings that name it."""
    for name, value in env.items():
        if re.search(r"(SUPERUSER|ADMIN|ROOT)_?\w*PASSWORD$", name):
            stem = re.sub(r"_?PASSWORD$", "", name)
            user = next(
                (
                    v
                    for n, v in env.items()
                    if n in (stem, f"{stem}_EMAIL", f"{stem}_USERNAME", f"{stem}_USER", f"{stem}_NAME")
                ),
                "",
            )
            if user:
                return {"email": user, "username": user, "password": value}
    return {}


def _routes(context: Context) -> tuple[Route | None, Route | None]:
    posts = [one for one in context.routes if one.method.upper() == "POST" and "{" not in one.path]
    logins = [one for one in posts if _LOGIN.search(one.path.lower())]
    registers = [one for one in posts if _REGISTER.search(one.path.lower()) and one not in logins]
    registers.sort(
        key=lambda one: (bool(one.guards), not re.search("register|sign", one.path), len(one.path))
    )
    logins.sort(key=lambda one: (not re.search("login|signin|sign-in|token", one.path), len(one.path)))
    return next(iter(logins), None), next(iter(registers), None)


def _ask(route: Route, context: Context) -> Send:
    return requests.request(route, context.known)


def _body(send: Send) -> dict[str, Any]:
    return (
        dict(send.form) if send.form is not None else dict(send.json) if isinstance(send.json, dict) else {}
    )


def _login(route: Route, account: Mapping[str, Any], context: Context) -> Send:
    """A login with an account's own values, whatever the form calls them."""
    send = replace(_ask(route, context), name="login")
    if _takes_basic(route):
        return _with_basic(send, _flat(dict(account)))
    body = _body(send) or {"username": "", "password": ""}
    account = _flat(dict(account))
    if any(isinstance(one, Mapping) for one in body.values()):
        return replace(send, json=_like(body, account), form=None)
    for name in body:
        if name in account:
            body[name] = account[name]
        elif name in ("username", "user", "login", "identifier"):
            body[name] = account.get("username", account.get("email", body[name]))
    form = send.form is not None or (not send.json and "username" in body)
    return replace(send, json=None, form=body) if form else replace(send, json=body, form=None)


def _takes_basic(route: Route) -> bool:
    return any(_BASIC.search(one) for one in route.guards)


def _with_basic(send: Send, account: Mapping[str, Any]) -> Send:
    """A request with an account's name and password in its header."""
    name = next((account[one] for one in ("username", "email", "login", "name") if one in account), "")
    pair = b64encode(f"{name}:{account.get('password', '')}".encode()).decode()
    return replace(send, headers={**send.headers, "Authorization": f"Basic {pair}"}, json=None, form=None)


def _before(draft: Draft, steps: list[Send]) -> Draft:
    """The draft with these as its first requests, in the place of earlier ones of their names."""
    rest = [one for one in draft.arrange if one.name not in ("login", "register")]
    rows = [one for one in rest if not isinstance(one, Send)]
    others = [one for one in rest if isinstance(one, Send)]
    headers = {name: one for name, one in draft.act.headers.items() if name != "Authorization"}
    return replace(draft, act=replace(draft.act, headers=headers), arrange=(*steps, *rows, *others))
