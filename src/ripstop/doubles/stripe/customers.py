"""Customers: docs.stripe.com/api/customers."""

from __future__ import annotations

from ripstop.doubles.stripe.books import Books, Object, merged, update
from ripstop.doubles.stripe.errors import invalid
from ripstop.doubles.stripe.params import accepts, hashed, metadata, text, texts, whole
from ripstop.doubles.stripe.payment_methods import attach, of_source, resolve
from ripstop.doubles.stripe.served import Given, Served, listing, matching

_TYPED = {
    "address": hashed,
    "balance": whole,
    "description": text,
    "email": text,
    "invoice_settings": hashed,
    "metadata": metadata,
    "name": text,
    "phone": text,
    "preferred_locales": texts,
    "shipping": hashed,
    "source": text,
}
_OTHERS = (
    "business_name cash_balance individual_name invoice_prefix next_invoice_sequence tax tax_exempt validate "
    "coupon promotion_code"
)


def create(books: Books, given: Given, _: str) -> Object:
    method = resolve(books, given["payment_method"]) if "payment_method" in given else None
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None}
    customer = books.new(
        "customers",
        address=given.get("address"),
        balance=given.get("balance", 0),
        currency=None,
        default_source=None,
        delinquent=False,
        description=given.get("description"),
        email=given.get("email"),
        invoice_prefix=given.get("invoice_prefix"),
        invoice_settings={**settings, **given.get("invoice_settings", {})},
        metadata=merged({}, given.get("metadata", {})),
        name=given.get("name"),
        next_invoice_sequence=1,
        phone=given.get("phone"),
        preferred_locales=given.get("preferred_locales", []),
        shipping=given.get("shipping"),
        tax_exempt=given.get("tax_exempt", "none"),
        test_clock=None,
    )
    if method is not None:
        attach(books, method, customer)
    if "source" in given:
        customer["default_source"] = attach(books, of_source(books, given["source"]), customer)["id"]
    books.did("customer", {"id": customer["id"], "email": customer["email"]})
    books.emit("customer.created", customer)
    return customer


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("customers", identity)


def modify(books: Books, given: Given, identity: str) -> Object:
    customer = books.find("customers", identity)
    if customer.get("deleted"):
        raise invalid(f"No such customer: '{identity}'", param="id", code="resource_missing")
    settings = given.pop("invoice_settings", {})
    if wanted := settings.get("default_payment_method"):
        method = books.find(
            "payment_methods", wanted, param="invoice_settings[default_payment_method]", inside=True
        )
        if method["customer"] != identity:
            raise invalid(
                f"The customer does not have a payment method with the ID {wanted}. The payment method must "
                "be "
                "attached to the customer.",
                param="invoice_settings[default_payment_method]",
                code="resource_missing",
            )
    if "source" in given:
        given["default_source"] = attach(books, of_source(books, given.pop("source")), customer)["id"]
    before = update(customer, given)
    if settings:
        before["invoice_settings"] = dict(customer["invoice_settings"])
        customer["invoice_settings"] |= settings
    books.emit("customer.updated", customer, before)
    return customer


def delete(books: Books, _given: Given, identity: str) -> Object:
    customer = books.find("customers", identity)
    if customer.get("deleted"):
        raise invalid(f"No such customer: '{identity}'", param="id", code="resource_missing")
    books.emit("customer.deleted", customer)
    books.did("customer deletion", {"id": identity, "compensates": "customer", "original": identity})
    gone: Object = {"id": identity, "object": "customer", "deleted": True}
    books.double.state["customers"][identity] = gone
    return gone


def listed(books: Books, given: Given, _: str) -> Object:
    return books.page("customers", given, "/v1/customers", matching(given, "email"))


def methods(books: Books, given: Given, identity: str) -> Object:
    books.find("customers", identity)
    wanted = {**given, "customer": identity}
    url = f"/v1/customers/{identity}/payment_methods"
    return books.page("payment_methods", given, url, matching(wanted, "customer", "type"))


ROUTES = (
    Served(
        "POST /v1/customers",
        create,
        accepts(typed={**_TYPED, "payment_method": text}, others=f"{_OTHERS} tax_id_data test_clock"),
    ),
    Served("GET /v1/customers", listed, listing({"email": text}, "test_clock")),
    Served("GET /v1/customers/{id}", retrieve),
    Served(
        "POST /v1/customers/{id}",
        modify,
        accepts(typed={**_TYPED, "default_source": text}, others=_OTHERS),
    ),
    Served("DELETE /v1/customers/{id}", delete),
    Served(
        "GET /v1/customers/{id}/payment_methods",
        methods,
        listing({"type": text}, "allow_redisplay"),
    ),
)
