"""The courier: takes each parcel once, under the key it comes with."""

from ripstop.doubles import Double, Reply

courier = Double("courier", idempotency_header="Idempotency-Key")


@courier.route("POST /parcels", effect="parcel")
def take(request):
    return Reply.of(201, {"id": courier.new_id("parcel")})
