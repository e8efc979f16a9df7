"""The till: one charge for each key."""

from ripstop.doubles import Double, Reply

till = Double("till", idempotency_header="Idempotency-Key")


@till.route("POST /charges", effect="charge")
def charge(request):
    return Reply.of(201, {"id": till.new_id("ch")})
