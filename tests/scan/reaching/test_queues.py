"""Tasks and messages handed to a queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from .snippets import operations, reached, within

CELERY = """
from celery import Celery, shared_task
import requests
app = Celery("x")
@app.task
def receipt(order): requests.post("https://a.example/b")
@shared_task
def other(order): pass
"""
RQ = (
    "from rq import Queue\nfrom redis import Redis\nimport requests\nq = Queue('mails', connection=Redis())\n"
)
WORK = "def work(x): requests.post('https://a.example/b')\n"
AMQP = (
    "import amqp from 'amqplib'\nimport { Kafka } from 'kafkajs'\nconst producer = new Kafka({}).producer()\n"
)


@pytest.mark.parametrize(
    ("before", "body", "told"),
    [
        (CELERY, "receipt.delay(x)", "receipt"),
        (CELERY, "other.apply_async(args=[x])", "other"),
        (CELERY, "app.send_task('tasks.third')", "tasks.third"),
        (RQ + WORK, "q.enqueue(work, x)", "work"),
        ("import dramatiq\n@dramatiq.actor\ndef work(x): pass", "work.send(x)", "work"),
        ("from kafka import KafkaProducer\np = KafkaProducer()", "p.send('orders', b'')", "orders"),
        (
            "import pika\nch = pika.BlockingConnection().channel()",
            "ch.basic_publish(exchange='', routing_key='mails', body=b'')",
            "mails",
        ),
        (
            "import { Queue } from 'bullmq'\nconst queue = new Queue('mails')",
            "await queue.add('welcome', { x })",
            "welcome",
        ),
        (AMQP, "(await (await amqp.connect('x')).createChannel()).sendToQueue('mails', x)", "mails"),
        (AMQP, "await producer.send({ topic: 'orders', messages: [] })", "orders"),
    ],
)
def test_it_is_an_effect_and_what_the_worker_does_is_not_the_handlers(
    tmp_path: Path, before: str, body: str, told: str
) -> None:
    (reach,) = reached(tmp_path, within(before, body))

    assert (reach.protocol, reach.operation, reach.effect) == ("queue", f"SEND {told}", True)


def test_a_background_task_runs_in_the_process_after_the_answer(tmp_path: Path) -> None:
    before = f"from fastapi import BackgroundTasks\nimport requests\n{WORK}"
    body = "tasks.add_task(work, 3)\nrequests.get('https://b.example/')"

    told = operations(tmp_path, before, body, of="tasks: BackgroundTasks")
    assert told == ["GET /", "POST /b"]


@pytest.mark.parametrize("body", ["x.send(1)", "x.add('a')", "x.publish('b')", "work(x)"])
def test_words_of_others_are_left_alone(tmp_path: Path, body: str) -> None:
    assert operations(tmp_path, RQ + "def work(x): pass", body) == []
