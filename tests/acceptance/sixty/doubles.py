"""The provider that the batch service tells of each line."""

from ripstop.doubles import Double, Reply, Request

provider = Double("provider", idempotency_header="Idempotency-Key")


@provider.route("POST /v1/notices", effect="notice", json={"line": int})
def notice(request: Request) -> Reply:
    return Reply.of(201, {"id": provider.new_id("no")})
