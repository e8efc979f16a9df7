"""Products and prices, as far as subscriptions and checkout need them: docs.stripe.com/api/prices."""

from __future__ import annotations

from ripstop.doubles.stripe.books import Books, Object, merged, now, update
from ripstop.doubles.stripe.errors import invalid
from ripstop.doubles.stripe.params import (
    accepts,
    currency,
    flag,
    hashed,
    metadata,
    one_of,
    structure,
    text,
    texts,
    whole,
)
from ripstop.doubles.stripe.served import Given, Served, listing, matching


def create_product(books: Books, given: Given, _: str) -> Object:
    made = {"id": given["id"]} if "id" in given else {}
    if made and made["id"] in books.double.state["products"]:
        raise invalid("Product already exists.", param="id", code="resource_already_exists")
    product = books.new(
        "products",
        **made,
        active=given.get("active", True),
        default_price=None,
        description=given.get("description"),
        images=given.get("images", []),
        marketing_features=[],
        metadata=merged({}, given.get("metadata", {})),
        name=given["name"],
        package_dimensions=None,
        shippable=None,
        statement_descriptor=given.get("statement_descriptor"),
        tax_code=given.get("tax_code"),
        type="service",
        unit_label=given.get("unit_label"),
        updated=now(),
        url=given.get("url"),
    )
    if data := given.get("default_price_data"):
        asked = PRICE.read({**data, "product": product["id"]})
        product["default_price"] = create_price(books, asked, "")["id"]
    books.emit("product.created", product)
    return product


def product(books: Books, _given: Given, identity: str) -> Object:
    return books.find("products", identity)


def modify_product(books: Books, given: Given, identity: str) -> Object:
    found = books.find("products", identity)
    books.emit("product.updated", found, update(found, given))
    return found


def products(books: Books, given: Given, _: str) -> Object:
    ids = given.get("ids")
    where = matching(given, "active", "url")
    return books.page(
        "products", given, "/v1/products", lambda one: where(one) and (not ids or one["id"] in ids)
    )


def create_price(books: Books, given: Given, _: str) -> Object:
    if "product" in given:
        owner = books.find("products", given["product"], param="product", inside=True)["id"]
    elif "product_data" in given:
        owner = create_product(books, _PRODUCT_DATA.read(given["product_data"]), "")["id"]
    else:
        raise invalid(
            "You must specify either `product` or `product_data` when creating a price.", param="product"
        )
    if (
        "unit_amount" not in given
        and "unit_amount_decimal" not in given
        and "custom_unit_amount" not in given
    ):
        raise invalid(
            "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
            param="unit_amount",
        )
    recurring = given.get("recurring")
    price = books.new(
        "prices",
        active=given.get("active", True),
        billing_scheme="per_unit",
        currency=given["currency"],
        custom_unit_amount=None,
        lookup_key=given.get("lookup_key"),
        metadata=merged({}, given.get("metadata", {})),
        nickname=given.get("nickname"),
        product=owner,
        recurring=_recurring(recurring) if recurring else None,
        tax_behavior=given.get("tax_behavior", "unspecified"),
        tiers_mode=None,
        transform_quantity=None,
        type="recurring" if recurring else "one_time",
        unit_amount=given.get("unit_amount", 0),
        unit_amount_decimal=str(given.get("unit_amount_decimal", given.get("unit_amount", 0))),
    )
    books.emit("price.created", price)
    return price


def price(books: Books, _given: Given, identity: str) -> Object:
    return books.find("prices", identity)


def modify_price(books: Books, given: Given, identity: str) -> Object:
    found = books.find("prices", identity)
    books.emit("price.updated", found, update(found, given))
    return found


def prices(books: Books, given: Given, _: str) -> Object:
    keys = given.get("lookup_keys")
    where = matching(given, "active", "currency", "product", "type")
    return books.page(
        "prices", given, "/v1/prices", lambda one: where(one) and (not keys or one["lookup_key"] in keys)
    )


def _recurring(given: Given) -> Object:
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": given.get("usage_type", "licensed"),
    }


RECURRING = accepts(
    required={"interval": one_of("day", "week", "month", "year")},
    typed={"interval_count": whole, "trial_period_days": whole, "usage_type": one_of("licensed", "metered")},
    others="aggregate_usage meter",
)
_PRODUCT_DATA = accepts(
    required={"name": text},
    typed={"active": flag, "metadata": metadata},
    others="id statement_descriptor tax_code tax_details unit_label description images",
)
_EDITABLE = {
    "active": flag,
    "description": text,
    "images": texts,
    "metadata": metadata,
    "shippable": flag,
    "url": text,
}
_MORE = "marketing_features package_dimensions statement_descriptor tax_code tax_details unit_label"
PRICE = accepts(
    required={"currency": currency},
    typed={
        "active": flag,
        "lookup_key": text,
        "metadata": metadata,
        "nickname": text,
        "product": text,
        "product_data": hashed,
        "recurring": structure(RECURRING),
        "unit_amount": whole,
        "unit_amount_decimal": text,
    },
    others="billing_scheme currency_options custom_unit_amount tax_behavior tiers tiers_mode "
    "transfer_lookup_key transform_quantity",
)

ROUTES = (
    Served(
        "POST /v1/products",
        create_product,
        accepts(
            required={"name": text},
            typed={**_EDITABLE, "id": text, "default_price_data": hashed},
            others=f"{_MORE} type",
        ),
    ),
    Served(
        "GET /v1/products",
        products,
        listing({"active": flag, "ids": texts, "url": text}, "shippable type"),
    ),
    Served("GET /v1/products/{id}", product),
    Served(
        "POST /v1/products/{id}",
        modify_product,
        accepts(typed={**_EDITABLE, "name": text, "default_price": text}, others=_MORE),
    ),
    Served("POST /v1/prices", create_price, PRICE),
    Served(
        "GET /v1/prices",
        prices,
        listing(
            {"active": flag, "currency": currency, "lookup_keys": texts, "product": text, "type": text},
            "recurring",
        ),
    ),
    Served("GET /v1/prices/{id}", price),
    Served(
        "POST /v1/prices/{id}",
        modify_price,
        accepts(
            typed={"active": flag, "lookup_key": text, "metadata": metadata, "nickname": text},
            others="currency_options tax_behavior transfer_lookup_key",
        ),
    ),
)
