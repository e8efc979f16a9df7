"""A log kept within bounds, read from real pipes."""

from __future__ import annotations

import os
import time

from ripstop.service.log import LINE_LIMIT_BYTES, LogRing


def read(data: bytes, ring: LogRing | None = None) -> LogRing:
    ring = ring or LogRing()
    read_end, write_end = os.pipe()
    reading = ring.follow(read_end)
    with os.fdopen(write_end, "wb") as pipe:
        pipe.write(data)
    reading.join(5)
    return ring


def test_lines_come_whole_and_in_order_the_last_without_its_end_too() -> None:
    assert read(b"one\ntwo\r\nthree").tail() == ("one", "two", "three")


def test_only_what_came_after_a_mark_is_told() -> None:
    ring = read(b"one\ntwo\n")
    mark = ring.mark

    read(b"three\n", ring)

    assert ring.since(mark) == ("three",)


def test_each_line_carries_the_time_it_was_read() -> None:
    before = time.time()
    ring = read(b"one\n")

    assert before <= ring.timed_since(0)[0][0] <= time.time()


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    assert read(b"\xff\xfe\x00ok\n").tail() == ("\\xff\\xfe\x00ok",)


def test_a_flood_keeps_the_newest_lines_only() -> None:
    ring = read(b"".join(b"%d\n" % number for number in range(5_000)), LogRing(limit_lines=100))

    assert ring.since(0) == tuple(str(number) for number in range(4_900, 5_000))
    assert ring.mark == 5_000


def test_the_bytes_kept_are_bounded_as_well() -> None:
    ring = read((b"x" * 1_000 + b"\n") * 500, LogRing(limit_bytes=10_000))

    assert sum(map(len, ring.since(0))) <= 10_000


def test_a_line_without_end_is_cut_in_pieces() -> None:
    ring = read(b"x" * 1_000_000)

    lengths = [len(line) for line in ring.since(0)]
    assert len(lengths) > 10
    assert max(lengths) <= LINE_LIMIT_BYTES
