"""Who sends text messages: each once under its key."""

from ripstop.doubles import Double, Reply, Request

texts = Double("texts", idempotency_header="Idempotency-Key")


@texts.route("POST /v1/messages", effect="text", json={"to": str})
def send(request: Request) -> Reply:
    return Reply.of(201, {"id": texts.new_id("msg"), "to": request.json()["to"]})
