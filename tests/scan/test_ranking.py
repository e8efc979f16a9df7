"""The order of workflows: guesses by their weight, a person's word above them, utilities left out."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Hazard, LeftOut, Place, Ranked, Reach, Route, Stake, Sureness
from ripstop.model.trace import Kind
from ripstop.scan import ranking
from ripstop.scan.code import Codebase, Function

from .hazards.reading import charge, select, write

HERE = Place("app.py", 1)
CODE = Codebase(functions={"app.f": Function("app.f", HERE, 9)})


def hazard(slug: str, weight: int, sureness: Sureness = Sureness.CERTAIN) -> Hazard:
    return Hazard(slug, slug, weight, HERE, sureness)


def route(path: str, method: str = "GET") -> Route:
    return Route(method, path, "app.f", HERE, "fastapi")


def order(*workflows: Ranked) -> list[str]:
    return [one.route.path for one in ranking.ranked(workflows)]


def risky(path: str, weight: int, **said: object) -> Ranked:
    return Ranked(route(path), hazards=(hazard("x", weight),), stake=Stake(**said))  # type: ignore[arg-type]


def out(path: str, *reaches: Reach, method: str = "GET", stake: Stake = Stake()) -> LeftOut | None:  # noqa: B008
    return ranking.left_out(route(path, method), reaches, CODE, stake)


def test_reasons_add_up_by_their_weight_and_sureness() -> None:
    sure, likely = hazard("a", 40), hazard("b", 10, Sureness.LIKELY)

    assert ranking.guessed([sure]) == 40
    assert ranking.guessed([sure, likely]) == 48
    assert ranking.guessed([hazard("a", 40, Sureness.GUESS)]) == 20


def test_the_same_reason_again_adds_a_quarter_and_never_doubles() -> None:
    assert ranking.guessed([hazard("a", 40)] * 2) == 50
    assert ranking.guessed([hazard("a", 40)] * 100) == 80


def test_crossings_count_each_once() -> None:
    assert ranking.guessed([], [charge(1), charge(2), write(3), select(4)]) == 6 + 3 + 1
    assert ranking.guessed([]) == 1


def test_guesses_stay_below_what_a_person_can_say() -> None:
    many = [hazard(str(n), 40) for n in range(100)]

    assert ranking.guessed(many) == ranking.MOST_GUESSED


def test_without_a_word_from_anybody_guesses_order() -> None:
    assert order(risky("/b", 10), risky("/a", 30), risky("/c", 10)) == ["/a", "/b", "/c"]


@pytest.mark.parametrize(
    "said",
    [{"risk": "high"}, {"risk": "critical"}, {"revenue": 1.0}, {"cost_of_failure": 2.0, "frequency": 5.0}],
)
def test_what_a_person_states_outranks_every_guess(said: dict[str, object]) -> None:
    assert order(risky("/guessed", 299), risky("/stated", 1, **said)) == ["/stated", "/guessed"]


def test_critical_goes_before_high_and_low_behind_what_nobody_speaks_of() -> None:
    found = order(
        risky("/low", 200, risk="low"),
        risky("/nobody", 30),
        risky("/high", 200, risk="high"),
        risky("/critical", 1, risk="critical"),
    )

    assert found == ["/critical", "/high", "/nobody", "/low"]


def test_more_money_goes_first_within_one_currency() -> None:
    few = risky("/few", 200, revenue=10.0, currency="EUR")
    much = risky("/much", 1, cost_of_failure=50.0, frequency=100.0, currency="EUR")

    assert order(few, much) == ["/much", "/few"]


def test_sums_in_different_currencies_are_not_compared() -> None:
    yen, euro = (
        risky("/yen", 10, revenue=1e6, currency="JPY"),
        risky("/euro", 20, revenue=5e3, currency="EUR"),
    )

    assert order(yen, euro) == ["/euro", "/yen"]


@pytest.mark.parametrize(
    ("stake", "money"),
    [
        (Stake(), None),
        (Stake(frequency=9.0), None),
        (Stake(cost_of_failure=3.0), 3.0),
        (Stake(cost_of_failure=3.0, frequency=9.0), 27.0),
        (Stake(revenue=50.0, cost_of_failure=3.0, frequency=9.0), 50.0),
        (Stake(revenue=0.0), 0.0),
    ],
)
def test_money_a_month_is_plain_arithmetic(stake: Stake, money: float | None) -> None:
    assert ranking.money_a_month(stake) == money


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/health", "a health check"),
        ("/api/v1/utils/health-check/", "a health check"),
        ("/version", "a health check"),
        ("/static/{filename}", "static files or documentation"),
        ("/openapi.json", "static files or documentation"),
        ("/sum", "pure calculation: it reaches no seam"),
    ],
)
def test_what_does_no_work_is_left_out_with_its_reason(path: str, reason: str) -> None:
    left = out(path)

    assert left is not None
    assert left.reason == reason


def test_a_health_check_may_ask_the_database_whether_it_lives() -> None:
    ping = Reach("postgres", "SELECT", Kind.READ, HERE)

    assert out("/health", ping) is not None
    assert out("/ready", ping) is not None


@pytest.mark.parametrize("path", ["/users/{id}/info", "/orders/{id}/status", "/up"])
def test_a_path_that_only_sounds_so_is_ranked_where_it_reads_a_table(path: str) -> None:
    assert out(path, select(5)) is None


def test_a_health_check_that_writes_is_none() -> None:
    assert out("/health", write(5)) is None


def test_a_handler_that_was_not_read_is_no_pure_calculation() -> None:
    unknown = Route("GET", "/x", "elsewhere.f", HERE, "fastapi")

    left = ranking.left_out(unknown, (), CODE, Stake())

    assert left is not None
    assert "not in the code that was read" in left.reason


def test_what_a_person_speaks_of_is_never_left_out() -> None:
    assert out("/health", stake=Stake(owner="ops")) is None
