"""The carrier: sells a label once for each key."""

from ripstop.doubles import Double, Reply, Request

carrier = Double("carrier", idempotency_header="Idempotency-Key")


@carrier.route("POST /v1/labels", effect="label", json={"postcode": str})
def sell(request: Request) -> Reply:
    return Reply.of(201, {"label": carrier.new_id("label"), "to": request.json()["postcode"]})
