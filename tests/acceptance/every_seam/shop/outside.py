"""What the shop asks of others: the payment provider, the mail server, the cache. Each within its time."""

import os
import smtplib
from email.message import EmailMessage

import redis
import stripe
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 0.5
provider = stripe.StripeClient(
    "sk_test_shop", http_client=stripe.RequestsClient(timeout=TIMEOUT_S), max_network_retries=0
)
cache = redis.Redis.from_url(
    os.environ["REDIS_URL"],
    socket_timeout=TIMEOUT_S,
    socket_connect_timeout=TIMEOUT_S,
    retry=Retry(NoBackoff(), 1),
    decode_responses=True,
)


def charge(cents: int, key: str) -> str:
    """The charge's id: the first one's for a key that was seen before."""
    made = provider.v1.charges.create(
        {"amount": cents, "currency": "eur", "source": "tok_visa"}, {"idempotency_key": key}
    )
    number = getattr(made, "id", None)
    if not isinstance(number, str) or getattr(made, "status", None) != "succeeded":
        raise stripe.APIError("an answer that is no charge")
    return number


def send_tickets(email: str, seat: str) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Your ticket", "shop@example.org", email
    mail.set_content(f"Seat {seat}: https://shop.example.org/tickets/{seat}")
    host, port = os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])
    with smtplib.SMTP(host, port, timeout=TIMEOUT_S) as server:
        server.send_message(mail)


def remembered(token: str) -> str | None:
    """The mail address of a token's customer, if the cache knows it and answers in time."""
    try:
        return cache.get(f"customer:{token}")
    except redis.RedisError:
        return None


def remember(token: str, email: str) -> None:
    try:
        cache.set(f"customer:{token}", email, ex=60)
    except (redis.ConnectionError, redis.TimeoutError):
        return
