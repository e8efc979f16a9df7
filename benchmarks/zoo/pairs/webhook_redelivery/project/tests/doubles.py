"""The payment provider: it takes a charge, and says by an event that it was paid."""

import hashlib
import hmac
import json
from typing import Any

from ripstop.doubles import Double, Reply, Request

SECRET = b"whsec-zoo"

payments = Double("payments", idempotency_header="Idempotency-Key")


@payments.route("POST /v1/charges", effect="charge", json={"accountId": str, "amountCents": int})
def create_charge(request: Request) -> Reply:
    charge: dict[str, Any] = {"id": payments.new_id("ch"), **request.json()}
    payments.send(event("charge.succeeded", charge))
    return Reply.of(202, {**charge, "status": "pending"})


def event(kind: str, data: dict[str, Any]) -> Request:
    body = json.dumps({"id": payments.new_id("evt"), "type": kind, "data": data}).encode()
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    headers = (("content-type", "application/json"), ("payment-signature", signature))
    return Request("POST", "/payment-events", headers, body)


payments.error(
    "card_declined", on="POST /v1/charges", reply=Reply.of(402, {"error": {"code": "card_declined"}})
)
