"""Dotted names of calls taken apart: the library, the last word, and the words in one."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def root(name: str) -> str:
    """The library a dotted name starts with.

    >>> root("@prisma/client.PrismaClient.order")
    '@prisma/client'
    """
    return name.partition(".")[0]


def last(name: str) -> str:
    """
    >>> last("psycopg.Connection.execute")
    'execute'
    """
    return name.rpartition(".")[2]


def before_last(name: str) -> str:
    """
    >>> before_last("orders.models.Order.save")
    'orders.models.Order'
    """
    return name.rpartition(".")[0]


def snake(name: str) -> str:
    """
    >>> snake("PaymentIntent"), snake("paymentIntents")
    ('payment_intent', 'payment_intents')
    """
    return _CAMEL.sub("_", name).lower()
