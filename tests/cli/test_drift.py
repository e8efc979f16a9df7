"""``ripstop drift``: a field renamed in a local stand-in is caught, whatever kind of double is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .charging import Project, Real, project, real_server, taped


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return project(tmp_path)


RENAMED = "body.amount_cents is called body.amountCents at the server"


@pytest.mark.parametrize("kind", ["cassette:tape.json", "openapi:charges.json"])
def test_a_renamed_field_is_caught_and_named(shop: Project, kind: str, capfd: Any) -> None:
    real = Real()
    with real_server(real) as server:
        taped(shop, server.url)
        shop.configure(kind, upstream=server.url)
        same = shop.here("drift", "--unsafe"), capfd.readouterr().out
        real.amount = "amountCents"
        drifted = shop.here("drift", "--unsafe"), capfd.readouterr().out
    assert (same[0], "no drift" in same[1]) == ((0, ""), True)
    assert (drifted[0], RENAMED in drifted[1].replace("body[].", "body.")) == ((1, ""), True), drifted


def test_a_programmed_double_is_asked_what_the_workflows_ask(shop: Project) -> None:
    real = Real()
    with real_server(real) as server:
        shop.configure("doubles:payments", upstream=server.url)
        same = shop.ripstop("drift", "--unsafe")
        real.amount = "amountCents"
        drifted = shop.ripstop("drift", "--unsafe")
    assert (same.returncode, "2 requests compared, no drift" in same.stdout) == (0, True), same.stderr
    assert (drifted.returncode, drifted.stdout.count(RENAMED)) == (1, 2), drifted.stderr


def test_nothing_that_may_change_something_is_sent_unless_asked_for(shop: Project, capfd: Any) -> None:
    with real_server(Real()) as server:
        shop.configure("openapi:charges.json", upstream=server.url)
        assert shop.here("drift") == (0, "")
        assert [h.request.method for h in server.double.heard] == ["GET"]
    assert "not asked: POST /v1/charges: it may change something" in capfd.readouterr().out


def test_where_nothing_could_be_asked_nothing_is_called_clean(shop: Project, capfd: Any) -> None:
    with real_server(Real()) as server:
        taped(shop, server.url)
        shop.configure("cassette:tape.json", upstream=server.url)
        code, error = shop.here("drift")
        assert len(server.double.heard) == 2
    assert (code, "[nothing-compared]" in error) == (2, True)
    assert "it is about what a request that was not asked would have made" in capfd.readouterr().out


@pytest.mark.parametrize(("status", "slug"), [(401, "upstream-refused"), (503, "upstream-unwell")])
def test_a_server_that_cannot_be_asked_is_no_drift(shop: Project, status: int, slug: str) -> None:
    with real_server(Real(status=status)) as server:
        shop.configure("openapi:charges.json", upstream=server.url)
        code, error = shop.here("drift")
    assert (code, f"[{slug}]" in error) == (3, True)


def test_a_server_nobody_reaches_is_told(shop: Project) -> None:
    shop.configure("openapi:charges.json")
    code, error = shop.here("drift", "payments", "--upstream", "http://127.0.0.1:9")
    assert (code, "[upstream-unreachable]" in error) == (3, True)


def test_strictly_what_the_double_does_not_know_is_drift_too(shop: Project, capfd: Any) -> None:
    shop.configure("openapi:charges.json")
    with real_server(Real()) as server:
        given = ("drift", "--unsafe", "--upstream", f"payments={server.url}")
        codes = shop.here(*given)[0], shop.here(*given, "--strict")[0]
    told = capfd.readouterr().out
    assert codes == (0, 1)
    assert "body.customer: object at the server, unknown to the double" in told
    assert "body.note: string at the double, gone at the server" in told


def test_headers_are_sent_and_a_sandbox_may_be_declared(shop: Project, capfd: Any) -> None:
    with real_server(Real()) as server:
        shop.configure("openapi:charges.json", upstream=server.url)
        config = shop.folder / "ripstop.toml"
        config.write_text(config.read_text() + "sandbox = true\n")
        assert shop.here("drift", "--header", "X-Key: k-1") == (0, "")
        assert {h.request.header("x-key") for h in server.double.heard} == {"k-1"}
    assert "2 requests compared" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ((), "no-upstream"),
        (("paymnts",), "unknown-seam"),
        (("--upstream", "paymnts=http://x.example"), "unknown-seam"),
        (("--upstream", "http://x.example", "--header", "key"), "bad-header"),
    ],
)
def test_what_is_missing_is_told(shop: Project, arguments: tuple[str, ...], slug: str) -> None:
    shop.configure("openapi:charges.json")
    code, error = shop.here("drift", *arguments)
    assert (code, f"[{slug}]" in error) == (2, True), error
