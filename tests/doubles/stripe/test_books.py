"""Lists page by page, expansion, and events: signed as the official client verifies them."""

from __future__ import annotations

import json

import pytest
import stripe

from ripstop.model.http import Request

from .account import HOOK, SECRET, Account, opened


def test_the_client_pages_through_a_long_list_newest_first(account: Account) -> None:
    made = [account.v1.customers.create({"name": str(n)}).id for n in range(23)]
    page = account.v1.customers.list({"limit": 10})
    assert (len(page.data), page.has_more) == (10, True)
    assert [one.id for one in page.auto_paging_iter()] == made[::-1]


def test_a_list_can_be_read_backwards(account: Account) -> None:
    made = [account.v1.customers.create({}).id for _ in range(5)]
    page = account.v1.customers.list({"limit": 2, "ending_before": made[0]})
    assert ([one.id for one in page.data], page.has_more) == ([made[2], made[1]], True)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_1_to_100_entries(account: Account, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.customers.list({"limit": limit})


def test_lists_are_filtered(account: Account) -> None:
    account.v1.customers.create({"email": "a@x.example"})
    wanted = account.v1.customers.create({"email": "b@x.example"})
    assert [one.id for one in account.v1.customers.list({"email": "b@x.example"}).data] == [wanted.id]
    assert account.v1.customers.list({"created": {"gt": wanted.created + 60}}).data == []


def test_ids_are_expanded_in_depth_and_in_lists(account: Account) -> None:
    customer = account.customer()
    subscribed = account.subscribe(customer, account.monthly(), expand=["latest_invoice.customer"])
    assert subscribed.latest_invoice.customer.email == "jo@shop.example"
    (listed,) = account.v1.subscriptions.list({"expand": ["data.customer"]}).data
    assert listed.customer.id == customer.id


@pytest.mark.parametrize("path", ["nothing", "amount", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(account: Account, path: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        account.pay(expand=[path])


def test_metadata_is_merged_and_an_empty_text_takes_a_key_away(account: Account) -> None:
    customer = account.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    changed = account.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def construct(delivered: Request, secret: str = SECRET) -> stripe.Event:
    signature = delivered.header("stripe-signature")
    return stripe.Webhook.construct_event(delivered.body.decode(), signature, secret)


def test_events_are_sent_signed_after_the_answer_as_the_client_verifies_them() -> None:
    with opened(webhook=HOOK) as account:
        intent = account.pay(metadata={"order": "o-1"})
        account.settle()
        events = [construct(one) for one in account.sent]
    assert [event.type for event in events] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert {(one.method, one.target) for one in account.sent} == {("POST", HOOK)}
    assert events[-1].data.object.id == intent.id
    assert events[-1].data.object.metadata.order == "o-1"


def test_a_delivery_under_another_secret_or_changed_on_its_way_is_not_verified() -> None:
    with opened(webhook=HOOK) as account:
        account.pay()
    with pytest.raises(stripe.SignatureVerificationError):
        construct(account.sent[0], "whsec_another")
    changed = Request("POST", HOOK, account.sent[0].headers, account.sent[0].body.replace(b"usd", b"eur"))
    with pytest.raises(stripe.SignatureVerificationError):
        construct(changed)


def test_without_a_webhook_nothing_is_sent_and_events_are_listed(account: Account) -> None:
    account.pay()
    assert account.sent == []
    kinds = {event.type for event in account.v1.events.list({"type": "payment_intent.*"}).data}
    assert kinds == {"payment_intent.created", "payment_intent.succeeded"}


def test_a_replayed_answer_sends_no_second_event() -> None:
    with opened(webhook=HOOK) as account:
        for _ in range(2):
            account.v1.customers.create({}, {"idempotency_key": "k"})
    assert [json.loads(one.body)["type"] for one in account.sent] == ["customer.created"]


def test_a_reset_empties_the_account(account: Account) -> None:
    account.pay()
    account.double.reset()
    assert (account.v1.events.list().data, account.v1.charges.list().data, account.kinds()) == ([], [], [])
