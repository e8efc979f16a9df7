"""Document and search stores: pymongo and its kin, mongoose, Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import UNKNOWN, Call, Codebase
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.values import positional, stated, text_of

_MONGO = {
    **dict.fromkeys(("insert_one", "insert_many", "insertOne", "insertMany"), "INSERT"),
    **dict.fromkeys(
        ("update_one", "update_many", "updateOne", "updateMany", "replace_one", "replaceOne"), "UPDATE"
    ),
    **dict.fromkeys(("find_one_and_update", "findOneAndUpdate", "bulk_write", "bulkWrite"), "UPDATE"),
    **dict.fromkeys(
        ("delete_one", "delete_many", "deleteOne", "deleteMany", "find_one_and_delete"), "DELETE"
    ),
    **dict.fromkeys(
        ("find", "find_one", "findOne", "aggregate", "count_documents", "countDocuments"), "FIND"
    ),
    **dict.fromkeys(("distinct", "estimated_document_count"), "FIND"),
}
_MODELS = {
    "create": "INSERT",
    "findById": "FIND",
    "paginate": "FIND",
    "exists": "FIND",
    "findByIdAndUpdate": "UPDATE",
    "findByIdAndDelete": "DELETE",
}
_SEARCH = {
    "index": "PUT",
    "create": "PUT",
    "update": "POST",
    "delete": "DELETE",
    "search": "GET",
    "get": "GET",
}
METHODS = frozenset(_MONGO) | frozenset(_MODELS) | frozenset(_SEARCH)
_DRIVERS = frozenset({"pymongo", "motor", "mongodb"})
_ENGINES = frozenset({"elasticsearch", "opensearchpy", "@elastic/elasticsearch"})


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """What a call asks of such a store."""
    library, word = root(call.name), last(call.name)
    if library in _DRIVERS and word in _MONGO:
        yield _reach(call, "mongodb", _MONGO[word], _collection(call))
    elif library == UNKNOWN and word in _MONGO and ("_" in word or word.endswith(("One", "Many"))):
        yield replace(
            _reach(call, "mongodb", _MONGO[word], "{collection}"), sureness=Sureness.GUESS, client=""
        )
    elif library == "mongoose" and (verb := _MONGO.get(word) or _MODELS.get(word)):
        yield _reach(call, "mongodb", verb, _collection(call))
    elif library in _ENGINES and word in _SEARCH:
        name = text_of(stated(call, code, "index") or positional(call, 0), code) or "{index}"
        yield _reach(call, "elasticsearch", _SEARCH[word], name)


def _collection(call: Call) -> str:
    """The collection, as the last attribute or item before the method."""
    if call.owner.text == "mongoose.model":
        model = call.owner.get("0")
        return f"{model.text.lower()}s" if model is not None and model.text else "{collection}"
    named = last(call.owner.text) or last(before_last(call.name))
    return named if named and not named[:1].isupper() else "{collection}"


def _reach(call: Call, protocol: str, verb: str, name: str) -> Reach:
    return Reach(
        protocol,
        f"{verb} {name}",
        Kind.READ if verb in ("FIND", "GET") else Kind.WRITE,
        call.place,
        target=name,
        client=root(call.name),
        sureness=call.sureness,
    )
