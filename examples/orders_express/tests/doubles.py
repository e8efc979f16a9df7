"""Stand-ins for what the order service calls."""

from typing import Any

from ripstop.doubles import Double, Reply, Request

payments = Double("payments", idempotency_header="Idempotency-Key")


@payments.route("POST /v1/charges", effect="charge", json={"userId": str, "amountCents": int})
def create_charge(request: Request) -> Reply:
    wanted: dict[str, Any] = request.json()
    return Reply.of(201, {"id": payments.new_id("ch"), "status": "succeeded", **wanted})


payments.error(
    "card_declined",
    on="POST /v1/charges",
    reply=Reply.of(402, {"error": {"code": "card_declined"}}),
)
