"""Amazon's services by boto3 and the AWS SDK, and other stores of objects."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Reach
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import before_last, last, root, snake
from ripstop.scan.reaching.values import positional, stated, symbols, text_of

_OBJECTS = {
    **dict.fromkeys(("put_object", "upload_file", "upload_fileobj", "upload"), "PUT"),
    **dict.fromkeys(("get_object", "download_file", "download_fileobj"), "GET"),
    **dict.fromkeys(("delete_object",), "DELETE"),
    **dict.fromkeys(("delete_objects", "create_multipart_upload"), "POST"),
    **dict.fromkeys(("head_object",), "HEAD"),
    **dict.fromkeys(("copy_object", "copy"), "PUT"),
    **dict.fromkeys(("list_objects", "list_objects_v2"), "GET"),
}
_OTHERS = {
    "send_message": ("queue", "SEND {queue}", "sqs"),
    "send_message_batch": ("queue", "SEND {queue}", "sqs"),
    "publish": ("queue", "SEND {topic}", "sns"),
    "put_events": ("queue", "SEND {bus}", "events"),
    "start_execution": ("http", "POST /", "states"),
    "invoke": ("http", "POST /2015-03-31/functions/{name}/invocations", "lambda"),
    "put_item": ("http", "POST /", "dynamodb"),
    "update_item": ("http", "POST /", "dynamodb"),
    "delete_item": ("http", "POST /", "dynamodb"),
    "get_item": ("http", "POST /", "dynamodb"),
    "query": ("http", "POST /", "dynamodb"),
    "scan": ("http", "POST /", "dynamodb"),
    "get_secret_value": ("http", "POST /", "secretsmanager"),
}
_MAILS = frozenset({"send_email", "send_raw_email", "send_templated_email", "send_bulk_email"})
_READING = frozenset({"get_item", "query", "scan", "get_secret_value"})
_NAMES = ("QueueUrl", "TopicArn", "EventBusName", "TargetArn")
_LIBRARIES = frozenset(
    {"boto3", "botocore", "aioboto3", "aiobotocore", "aws-sdk", "types_boto3", "mypy_boto3_s3"}
)
_OTHER_STORES = {
    "upload_from_filename": "PUT",
    "upload_from_string": "PUT",
    "upload_from_file": "PUT",
    "download_as_bytes": "GET",
    "download_as_text": "GET",
    "upload_blob": "PUT",
    "download_blob": "GET",
    "delete_blob": "DELETE",
    "remove_object": "DELETE",
    "fput_object": "PUT",
    "fget_object": "GET",
}
_STORES = frozenset({"google", "azure", "minio", "@google-cloud/storage"})
_HOSTS = {
    **dict.fromkeys(("google", "@google-cloud/storage"), "storage.googleapis.com"),
    "azure": "blob.core.windows.net",
    "minio": "",
}
_WORDS = frozenset(_OBJECTS) | frozenset(_OTHERS) | _MAILS | frozenset(_OTHER_STORES)
METHODS = _WORDS | {"send", "putObject", "getObject", "deleteObject", "sendEmail", "sendMessage"}


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """What a call asks of these services."""
    library = root(call.name)
    if library in _LIBRARIES or library.startswith(("@aws-sdk/", "mypy_boto3")):
        yield from _amazon(call, code, library)
    elif library in _STORES and (method := {**_OBJECTS, **_OTHER_STORES}.get(last(call.name))):
        yield _stored(call, method, library)


def _amazon(call: Call, code: Codebase, library: str) -> Iterator[Reach]:
    word, given = snake(last(call.name)), Value()
    if word == "send":
        given, word = _command(call)
    service = _service(call, code)
    if word in _OBJECTS and service in ("", "s3"):
        yield _stored(call, _OBJECTS[word], library)
    elif word in _MAILS:
        path = "/v2/email/outbound-emails" if service in ("sesv2", "") and library.startswith("@") else "/"
        yield _asked(call, "http", f"POST {path}", "email.amazonaws.com", library, effect=True)
    elif (
        word in _OTHERS
        and (service in ("", _OTHERS[word][2]))
        and (service or word not in ("query", "scan", "publish", "invoke"))
    ):
        yield _other(call, code, word, library, given)


def _command(call: Call) -> tuple[Value, str]:
    """``client.send(new PutObjectCommand({...}))``."""
    first = positional(call, 0)
    if first is None or not first.text.endswith("Command"):
        return Value(), ""
    return first, snake(last(first.text).removesuffix("Command"))


def _service(call: Call, code: Codebase) -> str:
    """``s3`` of ``boto3.client("s3")``, or as the class is named; empty where neither is in sight."""
    if root(call.name).startswith("@aws-sdk/client-"):
        return root(call.name).removeprefix("@aws-sdk/client-").replace("-", "")
    owner = known(code).resolve(call.owner)
    service = text_of(owner.get("service_name") or owner.get("0"), code)
    if service:
        return service.lower()
    words = before_last(call.name).lower()
    return next(
        (name for name in ("s3", "sesv2", "ses", "sqs", "sns", "dynamodb", "lambda") if name in words), ""
    )


def _stored(call: Call, method: str, library: str) -> Reach:
    """A request to the store, named as its double names it: buckets and objects are values."""
    path = "/{bucket}" if last(call.name).startswith("list") else "/{bucket}/{key}"
    host = _HOSTS.get(library, "s3.amazonaws.com")
    return _asked(call, "http", f"{method} {path}", host, library, effect=method not in ("GET", "HEAD"))


def _other(call: Call, code: Codebase, word: str, library: str, given: Value) -> Reach:
    protocol, operation, service = _OTHERS[word]
    named = stated(call, code, *_NAMES) or next(filter(None, map(given.get, _NAMES)), None)
    text = text_of(named, code) or next(iter(symbols(named)), "")
    if protocol == "queue":
        name = last(text.strip("{}")) if text.startswith("{") else text.rpartition("/")[2].rpartition(":")[2]
        name = last(name) if "/" not in text else name
        return _asked(call, protocol, f"SEND {name or operation[5:]}", name, library, effect=True)
    return _asked(call, protocol, operation, f"{service}.amazonaws.com", library, effect=word not in _READING)


def _asked(call: Call, protocol: str, operation: str, target: str, library: str, *, effect: bool) -> Reach:
    return Reach(
        protocol,
        operation,
        Kind.CALL,
        call.place,
        target=target,
        client=library,
        sureness=call.sureness,
        effect=effect,
    )
