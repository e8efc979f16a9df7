"""Stand-ins for what the shop calls."""

from ripstop.doubles import Double, Reply, Request

mail = Double("mail", idempotency_header="Idempotency-Key")


@mail.route("POST /emails", effect="mail", json={"to": str, "subject": str, "text": str})
def send(_: Request) -> Reply:
    return Reply.of(200, {"id": mail.new_id("em")})
