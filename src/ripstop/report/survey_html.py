"""A survey as one HTML page: no script, nothing loaded from anywhere, every text of the project escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ripstop.model.secrets import mask_text
from ripstop.model.survey import Exit, Hazard, Place, Ranked, Reach, Survey
from ripstop.report import survey_words as words
from ripstop.report.survey_markup import STYLE, Child, Markup, joined, tag
from ripstop.report.text import count

_OPEN = 3
"""So many workflows are unfolded when the page opens."""
_HEAVY = 30
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(survey: Survey, *, title: str = "", configured: bool = False) -> str:
    """The whole page. ``title`` names the project; ``configured``: it says how its service starts."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", f"What could cost most: {title}" if title else "What could cost most"),
        tag("style", STYLE),
    )
    return (
        f"<!doctype html>\n{tag('html', head, tag('body', *_body(survey, title, configured)), lang='en')}\n"
    )


def _body(survey: Survey, title: str, configured: bool) -> Iterable[Child]:
    told = f"{count(len(survey.workflows), 'workflow')} ranked, {count(survey.files, 'file')} read"
    yield tag("p", f"{title}: {told}" if title else told, cls="soft")
    yield tag("h1", words.headline(survey))
    if advised := words.advised(survey, configured=configured):
        yield tag("p", f"Next: {advised}.")
    if survey.workflows:
        yield tag("h2", "Ranked by risk")
        yield _table(survey.workflows)
    yield tag("h2", "Risk coverage")
    yield _coverage(survey)
    if survey.workflows:
        yield tag("h2", "Each workflow")
        yield joined(_workflow(number, one) for number, one in enumerate(survey.workflows, 1))
    yield tag("h2", "Left out")
    yield _listed([_at(f"{one.route.operation}: {one.reason}", one.route.place) for one in survey.left_out])
    if survey.unread:
        yield tag("h2", "Not read")
        yield _listed([_at(one.why, one.place) for one in survey.unread])
    if survey.notes:
        yield tag("h2", "Notes")
        yield _listed(list(survey.notes))


def _table(ranked: Sequence[Ranked]) -> Markup:
    heads = [("", "n"), ("workflow", ""), ("risk", "n"), ("tests", "n"), ("untested", "n"), ("why", "")]
    head = tag("thead", tag("tr", *(tag("th", text, cls=cls) for text, cls in heads)))
    rows = [_row(number, one) for number, one in enumerate(ranked, 1)]
    return tag("table", head, tag("tbody", *rows))


def _row(number: int, ranked: Ranked) -> Markup:
    modes = len(ranked.failure_modes)
    untested = sum(not mode.tested_by for mode in ranked.failure_modes)
    why = "; ".join(hazard.slug.replace("-", " ") for hazard in words.reasons(ranked)) or "reaches a seam"
    return tag(
        "tr",
        tag("td", number, cls="n soft"),
        tag("td", tag("a", tag("code", ranked.route.operation), href=f"#w{number}")),
        tag("td", ranked.score, cls="n"),
        tag("td", len(ranked.tests), cls=f"n wide{'' if ranked.tests else ' bad'}", data_label="tests"),
        tag("td", f"{untested} of {modes}" if modes else "-", cls="n wide", data_label="untested"),
        tag("td", why, cls="wide"),
    )


def _coverage(survey: Survey) -> Markup:
    told = survey.coverage
    shares = [(told.risk_tested, told.risk_total), (told.error_tests, told.tests)]
    shares += [(told.generated_error_tests, told.generated)] if told.generated else []
    return joined(
        joined((tag("p", sentence), _bar(*shared)))
        for sentence, shared in zip(words.coverage_words(told), shares, strict=True)
    )


def _bar(part: int, whole: int) -> Markup:
    percent = round(100 * part / whole) if whole else 0
    return tag("div", tag("i", style=f"width:{min(100, max(0, percent))}%"), cls="bar")


def _workflow(number: int, ranked: Ranked) -> Markup:
    summary = tag(
        "summary", tag("b", tag("code", ranked.route.operation)), tag("span", f"risk {ranked.score}", cls="n")
    )
    return tag("details", summary, tag("div", *_details(ranked), id=f"w{number}"), open=number <= _OPEN)


def _details(ranked: Ranked) -> Iterable[Child]:
    yield tag("p", words.route_words(ranked.route), cls="soft")
    if ranked.route.guards:
        yield tag("p", f"guarded by {words.some(ranked.route.guards)}", cls="soft")
    if said := words.stake_words(ranked.stake):
        yield tag("h3", "What a person says of it")
        yield tag("p", _at(", ".join(said), ranked.stake.said_at))
    if ranked.hazards:
        yield tag("h3", "Why it is risky")
        yield _listed([_hazard(one) for one in words.reasons(ranked)])
    if ranked.reaches:
        yield tag("h3", "What it reaches, in order")
        yield tag("ol", *(tag("li", _reach(one)) for one in ranked.reaches))
    yield from _untested(ranked)
    if ranked.exits:
        yield tag("h3", "Its ways out other than success")
        yield _listed([_exit(one) for one in ranked.exits])
    yield tag("h3", "Tests that call it")
    errors = ranked.error_tests
    yield _listed([f"{one}{' (an error path)' if one in errors else ''}" for one in ranked.tests])


def _hazard(hazard: Hazard) -> Markup:
    weight = tag("b", hazard.weight, cls="bad" if hazard.weight >= _HEAVY else "warn")
    sure = "".join(f" ({word})" for word in words.sure_words(hazard.sureness))
    place = None if str(hazard.place) in hazard.reason else hazard.place
    return joined((weight, " ", _at(f"{hazard.reason}{sure}", place)))


def _reach(reach: Reach) -> Markup:
    target = mask_text(reach.target)
    operation = mask_text(reach.operation)
    where = f" at {target}" if target and target not in operation else ""
    told = ", ".join(words.reach_words(reach))
    return joined(
        (
            tag("code", operation),
            f"{where}, {reach.protocol}{f': {told}' if told else ''} ",
            tag("code", words.via_words(reach), cls="place"),
        )
    )


def _untested(ranked: Ranked) -> Iterable[Child]:
    untested = [one for one in words.crossed(ranked.failure_modes) if one.untested]
    if not untested:
        return
    yield tag("h3", "Failure modes no test lets happen")
    for one in untested:
        yield tag("p", tag("code", mask_text(one.operation)), f": {len(one.untested)} of {one.total}")
        pills = [_pill(word, fault) for word, faults in words.by_outcome(one) for fault in faults]
        yield tag("ul", *pills, cls="faults")


def _pill(explored: str, fault: str) -> Markup:
    told = f"{fault}: {explored}" if explored else fault
    return tag("li", told, cls={"torn": "torn", "held": "held"}.get(explored))


def _exit(one: Exit) -> Markup:
    state = ("not measured", "soft") if one.entered_by is None else ("never entered", "bad")
    if one.entered_by:
        state = (f"entered by {', '.join(one.entered_by)}", "good")
    return joined(
        (_at(mask_text(words.exit_words(one)), one.place), " ", tag("span", state[0], cls=state[1]))
    )


def _at(text: str, place: Place | None) -> Markup:
    return joined((text, " ", tag("code", str(place), cls="place") if place else None))


def _listed(items: Sequence[Child]) -> Markup:
    if not items:
        return tag("p", "none", cls="soft")
    return tag("ul", *(tag("li", item) for item in items))
