"""The SMTP codec held to any stream and any chunking: 100,000 messages and more, beside a simple model."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ripstop.wire.smtp.client import LINE_LIMIT_BYTES, ClientReader
from ripstop.wire.smtp.server import Reply, ReplyReader, WireError

SEEDS = st.integers(0, 2**32)
COUNTS = st.sampled_from([1, 2, 50, 200, 400])
VERBS = (
    b"EHLO",
    b"mail",
    b"RCPT",
    b"DATA",
    b"Rset",
    b"NOOP",
    b"QUIT",
    b"AUTH",
    b"BDAT",
    b"",
    b"\x00\xff",
    b"x" * 50,
)
ENDINGS = (b"\r\n", b"\n", b"\r\r\n")
LINES = (b".", b"..", b"...", b"", b"\n.", b".\n", b"\r.\r", b".\r", b"hello", b"\xff\x00", b"." * 500, b".x")
counted = 0


def some_line(chance: random.Random) -> bytes:
    """A command line, now and then one without sense or without measure."""
    argument = bytes(chance.choices(b"abc <>@:=\r\x00\xfe", k=chance.randrange(40)))
    long = b"l" * LINE_LIMIT_BYTES if chance.random() < 0.01 else b""
    return chance.choice(VERBS) + b" " + argument + long + chance.choice(ENDINGS)


def some_message(chance: random.Random) -> bytes:
    """Content with every near miss of an end, then the end."""
    lines = chance.choices(LINES, k=chance.randrange(12))
    return b"".join((b"." + line if line == b"." else line) + b"\r\n" for line in lines) + b".\r\n"


def some_reply(chance: random.Random) -> tuple[int, bytes]:
    code = chance.randrange(200, 600)
    texts = [
        bytes(chance.choices(b"ab 2-\r\xff", k=chance.randrange(30))) for _ in range(chance.randrange(1, 4))
    ]
    lines = [b"%d-%s\r\n" % (code, text) for text in texts[:-1]]
    return code, b"".join(lines) + b"%d %s\r\n" % (code, texts[-1])


def chunks(chance: random.Random, data: bytes) -> Iterator[bytes]:
    """The bytes in pieces of any size; single bytes where they are few, for each costs a call."""
    most = chance.choice((1, 3, 50)) if len(data) < 3_000 else chance.choice((50, 5_000, 100_000))
    at = 0
    while at < len(data):
        size = chance.randrange(1, most + 1)
        yield data[at : at + size]
        at += size


class Codec(RuleBasedStateMachine):
    """Both directions of one connection, fed at random, always told exactly what was sent."""

    @initialize()
    def connect(self) -> None:
        self.client, self.server = ClientReader(), ReplyReader()

    @rule(seed=SEEDS, count=COUNTS)
    def lines(self, seed: int, count: int) -> None:
        chance = random.Random(seed)
        sent = [some_line(chance) for _ in range(count)]
        read = []
        for chunk in chunks(chance, b"".join(sent)):
            self.client.receive(chunk)
            while (command := self.client.next_command()) is not None:
                read.append(b"" if command.too_long else command.raw)
        self.agree(count, read, [b"" if len(line) > LINE_LIMIT_BYTES else line for line in sent])

    @rule(seed=SEEDS, count=COUNTS)
    def messages(self, seed: int, count: int) -> None:
        chance = random.Random(seed)
        sent = [some_message(chance) for _ in range(count)]
        read, piece = [], b""
        self.client.begin_content()
        for chunk in chunks(chance, b"".join(sent)):
            self.client.receive(chunk)
            while self.client.waiting_bytes:
                content, whole = self.client.take_content()
                piece += content
                if whole:
                    read.append(piece)
                    piece = b""
                    self.client.begin_content()
        self.agree(count, read, sent)

    @rule(seed=SEEDS, count=COUNTS)
    def replies(self, seed: int, count: int) -> None:
        chance = random.Random(seed)
        sent = [some_reply(chance) for _ in range(count)]
        read: list[Reply] = []
        for chunk in chunks(chance, b"".join(raw for _, raw in sent)):
            self.server.receive(chunk)
            while (reply := self.server.next_reply()) is not None:
                read.append(reply)
        self.agree(count, [(one.code, one.raw) for one in read], sent)

    @rule(seed=SEEDS, octets=st.integers(0, 5_000))
    def octets(self, seed: int, octets: int) -> None:
        left = octets
        for chunk in chunks(random.Random(seed), b"\n." * (octets // 2) + b"\r" * (octets % 2)):
            self.client.receive(chunk)
            left = self.client.skip(left)
        self.agree(1, left, 0)

    @rule(noise=st.binary(max_size=200))
    def noise(self, noise: bytes) -> None:
        """What a server says without sense is refused or waited for, and never lost."""
        reader, taken = ReplyReader(), b""
        reader.receive(noise)
        try:
            while (reply := reader.next_reply()) is not None:
                taken += reply.raw
        except WireError:
            pass
        self.agree(1, taken + reader.rest(), noise)

    @rule(size=st.integers(LINE_LIMIT_BYTES, 5 * LINE_LIMIT_BYTES))
    def endless(self, size: int) -> None:
        self.client.receive(b"e" * size)
        assert self.client.next_command() is None
        assert self.client.waiting_bytes <= LINE_LIMIT_BYTES
        self.client.clear()

    @invariant()
    def nothing_is_left(self) -> None:
        assert getattr(self, "client", ClientReader()).waiting_bytes == 0

    def agree(self, count: int, read: object, sent: object) -> None:
        global counted
        counted += count
        assert read == sent


def test_a_hundred_thousand_messages_come_out_as_they_went_in() -> None:
    quiet = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Codec, settings=quiet)

    assert counted >= 100_000
