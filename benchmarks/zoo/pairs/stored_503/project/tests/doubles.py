"""Stand-ins for what the booking service calls."""

from ripstop.doubles import Double, Reply, Request

payments = Double("payments", idempotency_header="Idempotency-Key")


@payments.route("POST /v1/charges", effect="charge", json={"room": str, "cents": int})
def create_charge(request: Request) -> Reply:
    return Reply.of(201, {"id": payments.new_id("ch"), "status": "succeeded", **request.json()})


payments.error(
    "card_declined",
    on="POST /v1/charges",
    reply=Reply.of(402, {"error": {"code": "card_declined"}}),
)
