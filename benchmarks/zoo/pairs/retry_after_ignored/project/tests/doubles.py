"""The carrier: one label for each key."""

from ripstop.doubles import Double, Reply, Request

carrier = Double("carrier", idempotency_header="Idempotency-Key")


@carrier.route("POST /labels", effect="label", json={"reference": str, "address": str})
def buy_label(request: Request) -> Reply:
    label = {"id": carrier.new_id("lbl"), "tracking": carrier.new_id("trk")}
    return Reply.of(201, {**label, "reference": request.json()["reference"]})
