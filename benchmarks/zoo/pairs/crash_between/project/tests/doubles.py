"""The payment provider: makes each charge once under its key."""

from ripstop.doubles import Double, Reply, Request

payments = Double("payments", idempotency_header="Idempotency-Key")


@payments.route("POST /v1/charges", effect="charge", json={"cents": int})
def charge(request: Request) -> Reply:
    return Reply.of(201, {"id": payments.new_id("ch"), "cents": request.json()["cents"]})


payments.error("card_declined", on="POST /v1/charges", reply=Reply.of(402, {"error": "card_declined"}))
