"""A stand-in for the till."""

from ripstop.doubles import Double, Reply, Request

till = Double("till", idempotency_header="X-Token")


@till.route("PUT /fees", effect="fee", json={"from": str, "pence": int})
def take(request: Request) -> Reply:
    return Reply.of(200, {"receipt": till.new_id("r"), "taken": request.json()["pence"]})


till.error("no_cover", on="PUT /fees", reply=Reply.of(402, {"refused": "no_cover"}))
