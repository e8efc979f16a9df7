"""The bank: makes each transfer once under its key, and one for each request without."""

from ripstop.doubles import Double, Reply, Request

bank = Double("bank", idempotency_header="Idempotency-Key")


@bank.route("POST /v1/transfers", effect="transfer", json={"account": str, "cents": int})
def transfer(request: Request) -> Reply:
    return Reply.of(201, {"id": bank.new_id("tr"), "cents": request.json()["cents"]})
