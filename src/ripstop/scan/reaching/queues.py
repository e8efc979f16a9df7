"""Messages and tasks handed to a queue. What a worker does with them is another process's."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import UNKNOWN, Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.values import positional, stated, text_of

_TASK_WORDS = frozenset(
    {"delay", "apply_async", "send", "send_with_options", "defer", "defer_async", "kiq", "schedule"}
)
_TASK_MAKERS = ("task", "shared_task", "actor", "job", "periodic_task", "db_task")
_NAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "celery": {"send_task": ("name",)},
    "rq": {"enqueue": ("f",), "enqueue_call": ("func",), "enqueue_in": ("*1",), "enqueue_at": ("*1",)},
    "django_rq": {"enqueue": ("f",)},
    "arq": {"enqueue_job": ("function",)},
    "django_q": {"async_task": ("func",)},
    "procrastinate": {"defer": ("name",), "defer_async": ("name",)},
    "bullmq": {"add": ("name",), "addBulk": ("name",)},
    "bull": {"add": ("name",)},
    "bee-queue": {"createJob": ("name",)},
    "pg-boss": {"send": ("name",), "publish": ("name",)},
    "kafka": {"send": ("topic",), "send_and_wait": ("topic",)},
    "aiokafka": {"send": ("topic",), "send_and_wait": ("topic",)},
    "confluent_kafka": {"produce": ("topic",)},
    "kafkajs": {"send": ("topic",), "sendBatch": ("topic",)},
    "pika": {"basic_publish": ("routing_key", "*1")},
    "aio_pika": {"publish": ("routing_key", "*1")},
    "kombu": {"publish": ("routing_key",)},
    "amqplib": {"sendToQueue": ("queue",), "publish": ("*1",)},
    "nats": {"publish": ("subject",)},
    "google": {"publish": ("topic",)},
    "@google-cloud/pubsub": {"publishMessage": ("topic",), "publish": ("topic",)},
    "azure": {"send_messages": ("queue",), "send_message": ("queue",)},
    "inngest": {"send": ("name",)},
}
METHODS = _TASK_WORDS | frozenset(word for words in _NAMED.values() for word in words)


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The message a call hands over, as ``SEND`` and the queue's, topic's or task's name."""
    word, library = last(call.name), root(call.name)
    named = _NAMED.get(library, {}).get(word)
    if named and not (library == "google" and "pubsub" not in call.name):
        yield _reach(call, _name(call, code, named), library)
    elif task := _task(call, code):
        yield _reach(call, last(task), _maker(task, code) or "celery")
    elif (
        word in ("delay", "apply_async")
        and library != UNKNOWN
        and not known(code).table(before_last(call.name))
    ):
        yield _reach(call, last(before_last(call.name)), "celery", Sureness.LIKELY)


def _reach(call: Call, name: str, library: str, sureness: Sureness | None = None) -> Reach:
    return Reach(
        "queue",
        f"SEND {name}",
        Kind.CALL,
        call.place,
        target=name,
        client=library,
        sureness=sureness or call.sureness,
        effect=True,
    )


def _task(call: Call, code: Codebase) -> str:
    """The project's task function that a call is made on; empty where there is none."""
    if last(call.name) not in _TASK_WORDS:
        return ""
    for name in (before_last(call.name), call.owner.text):
        if name in code.functions and (_maker(name, code) or last(call.name) in ("delay", "apply_async")):
            return name
    return ""


def _maker(name: str, code: Codebase) -> str:
    """The library whose decorator made a function a task."""
    function = code.functions.get(name)
    for decorator in function.decorators if function else ():
        if last(decorator.name) in _TASK_MAKERS:
            return root(decorator.name) if root(decorator.name) != UNKNOWN else "celery"
    return ""


def _name(call: Call, code: Codebase, named: tuple[str, ...]) -> str:
    for one in named:
        value = call.argument("", int(one[1:])) if one.startswith("*") else stated(call, code, one)
        if value is not None:
            return _word(value, code)
    first = positional(call, 0)
    if first is None or known(code).resolve(first).shape is Shape.MAPPING:
        owner = known(code).resolve(call.owner)
        first = owner.get("0")
    return _word(first, code) if first is not None else "{name}"


def _word(value: Value, code: Codebase) -> str:
    text = text_of(value, code)
    if text is not None:
        return text
    return last(value.text) if value.shape is Shape.NAME and value.text else "{name}"
