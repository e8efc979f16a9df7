"""Mail as effects: what an effect says, what differs between two runs, and what is kept."""

from __future__ import annotations

from ripstop.doubles.mailbox import Mailbox
from ripstop.explore.volatile import effect_fields, shape
from ripstop.model.state import Effect


def message(number: int) -> bytes:
    return (
        f"Subject: Your order\r\nMessage-ID: <{number}@shop>\r\nDate: {number}\r\nX-Key: k{number}\r\n\r\n"
        f"https://shop.example/t/{number}\r\n"
    ).encode()


def test_a_mail_is_an_effect_with_what_people_ask_of_it() -> None:
    box = Mailbox("mail")
    box.deliver("shop@example.org", ["cy@example.org", "ann@example.org"], message(1))

    assert box.effects == (
        Effect(
            "mail",
            "mail",
            None,
            {
                "from": "shop@example.org",
                "to": ["ann@example.org", "cy@example.org"],
                "subject": "Your order",
                "id": "<1@shop>",
            },
        ),
    )
    assert box.sent[0].links == ("https://shop.example/t/1",)


def test_two_runs_differ_in_the_message_id_alone() -> None:
    runs = []
    for number in (1, 2):
        box = Mailbox("mail")
        box.deliver("shop@example.org", ["ann@example.org"], message(number))
        runs.append(box.effects)

    assert shape((), runs[0]) == shape((), runs[1])
    assert effect_fields(*runs) == {("mail", "id")}


def test_a_header_can_be_the_key() -> None:
    box = Mailbox("mail", key_header="x-key")
    box.deliver("a", ["b"], message(7))

    assert box.effects[0].key == "k7"


def test_a_reset_forgets_everything_and_the_newest_thousand_are_kept() -> None:
    box = Mailbox("mail")
    for number in range(1_001):
        box.deliver("a", ["b"], message(number))
    assert (len(box.sent), box.sent[0].header("message-id")) == (1_000, "<1@shop>")
    box.reset()

    assert (box.sent, box.effects) == ((), ())
