"""Packages of well-known services, Amazon's and document stores among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .snippets import operations, reached, within

BOTO = "import boto3\ns3 = boto3.client('s3')\nsqs = boto3.client('sqs')\nses = boto3.client('ses')\n"
AWS = """
import { S3Client, PutObjectCommand } from '@aws-sdk/client-s3'
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'
const s3 = new S3Client({})
const sqs = new SQSClient({})
"""


@pytest.mark.parametrize(
    ("before", "call", "told"),
    [
        (
            "from twilio.rest import Client",
            "Client('a', 'b').messages.create(to='x')",
            ("http", "POST /2010-04-01/Accounts/{account}/Messages.json", "api.twilio.com"),
        ),
        (
            "from sendgrid import SendGridAPIClient",
            "SendGridAPIClient('k').send(x)",
            ("http", "POST /v3/mail/send", "api.sendgrid.com"),
        ),
        ("import resend", "resend.Emails.send({})", ("http", "POST /emails", "api.resend.com")),
        (
            "from openai import OpenAI\nai = OpenAI()",
            "ai.chat.completions.create(model='x')",
            ("http", "POST /v1/chat/completions", "api.openai.com"),
        ),
        (
            "import sg from '@sendgrid/mail'\nconst a = 1",
            "await sg.send({ to: x })",
            ("http", "POST /v3/mail/send", "api.sendgrid.com"),
        ),
        (BOTO, "s3.put_object(Bucket='b', Key=x)", ("http", "PUT /{bucket}/{key}", "s3.amazonaws.com")),
        (BOTO, "sqs.send_message(QueueUrl='https://sqs/1/orders')", ("queue", "SEND orders", "orders")),
        (BOTO, "ses.send_email(Source='a')", ("http", "POST /", "email.amazonaws.com")),
        (
            AWS,
            "await s3.send(new PutObjectCommand({ Bucket: 'b', Key: x }))",
            ("http", "PUT /{bucket}/{key}", "s3.amazonaws.com"),
        ),
        (
            AWS,
            "await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ORDERS }))",
            ("queue", "SEND ORDERS", "ORDERS"),
        ),
        (
            "import mongoose from 'mongoose'\nconst Order = mongoose.model('Order', {})",
            "await Order.findOne({})",
            ("mongodb", "FIND orders", "orders"),
        ),
    ],
)
def test_a_method_is_what_it_asks_of_whom(
    tmp_path: Path, before: str, call: str, told: tuple[str, str, str]
) -> None:
    (reach,) = reached(tmp_path, within(before, call))

    assert (reach.protocol, reach.operation, reach.target) == told


def test_a_document_is_saved_where_it_was_found(tmp_path: Path) -> None:
    before = "import mongoose from 'mongoose'\nconst Order = mongoose.model('Order', {})"

    assert operations(tmp_path, before, "const o = await Order.findById(x)\nawait o.save()") == [
        "FIND orders",
        "UPDATE orders",
    ]
    assert operations(tmp_path, before, "await x.save()\nawait x.remove()") == []


@pytest.mark.parametrize("call", ["s3.generate_presigned_url('get_object')", "s3.get_paginator('x')"])
def test_what_is_worked_out_at_home_is_left_alone(tmp_path: Path, call: str) -> None:
    assert operations(tmp_path, BOTO, call) == []
