"""Events: docs.stripe.com/api/events."""

from __future__ import annotations

import fnmatch

from ripstop.doubles.stripe.books import Books, Object
from ripstop.doubles.stripe.params import accepts, text, texts
from ripstop.doubles.stripe.served import Given, Served, in_time, listing


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("events", identity)


def listed(books: Books, given: Given, _: str) -> Object:
    wanted = given.get("types") or ([given["type"]] if "type" in given else ["*"])
    timely = in_time(given)

    def shown(one: Object) -> bool:
        return timely(one) and any(fnmatch.fnmatchcase(one["type"], kind) for kind in wanted)

    return books.page("events", given, "/v1/events", shown)


ROUTES = (
    Served("GET /v1/events", listed, listing({"type": text, "types": texts}, "delivery_success")),
    Served("GET /v1/events/{id}", retrieve, accepts()),
)
