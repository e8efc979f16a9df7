"""The till: charges, whatever the number."""

from ripstop.doubles import Double, Reply

till = Double("till")


@till.route("POST /charges", effect="charge")
def charge(request):
    return Reply.of(201, {"id": till.new_id("ch")})
