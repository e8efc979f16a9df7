"""Stand-ins for what the shipment service calls."""

from ripstop.doubles import Double, Reply, Request

carrier = Double("carrier", idempotency_header="X-Request-Id")


@carrier.route("POST /labels", effect="label", json={"reference": str, "address": str})
def buy_label(request: Request) -> Reply:
    bought = {"label": carrier.new_id("lbl"), "reference": request.json()["reference"]}
    carrier.state.setdefault(bought["reference"], bought)
    return Reply.of(201, bought)


@carrier.route("GET /labels/{reference}")
def find_label(_: Request, reference: str) -> Reply:
    bought = carrier.state.get(reference)
    return Reply.of(200, bought) if bought else Reply.of(404, {"error": "unknown_reference"})
