"""A survey for machines: schema ``ripstop-survey/1``. Places are ``{"path", "line", "symbol"}``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ripstop.model.secrets import mask_text
from ripstop.model.survey import (
    Exit,
    FailureMode,
    Hazard,
    Place,
    Ranked,
    Reach,
    RiskCoverage,
    Route,
    Stake,
    Survey,
)
from ripstop.report.survey_words import headline

SCHEMA = "ripstop-survey/1"


def as_json(survey: Survey) -> dict[str, Any]:
    """The whole survey as JSON values, workflows in the order of their risk."""
    return {
        "schema": SCHEMA,
        "headline": headline(survey),
        "files": survey.files,
        "seconds": round(survey.seconds, 2),
        "risk_coverage": _coverage(survey.coverage),
        "workflows": [_ranked(one) for one in survey.workflows],
        "left_out": [{"route": _route(one.route), "reason": one.reason} for one in survey.left_out],
        "unread": [{"place": _place(one.place), "why": one.why} for one in survey.unread],
        "notes": list(survey.notes),
    }


def _ranked(ranked: Ranked) -> dict[str, Any]:
    return {
        "route": _route(ranked.route),
        "score": ranked.score,
        "stake": _stake(ranked.stake),
        "hazards": [_hazard(one) for one in ranked.hazards],
        "reaches": [_reach(one) for one in ranked.reaches],
        "exits": [_exit(one) for one in ranked.exits],
        "failure_modes": [_mode(one) for one in ranked.failure_modes],
        "tests": list(ranked.tests),
        "error_tests": list(ranked.error_tests),
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        "method": route.method,
        "path": route.path,
        "operation": route.operation,
        "handler": route.handler,
        "place": _place(route.place),
        "framework": route.framework,
        "found_by": route.found_by,
        "sureness": str(route.sureness),
        "guards": list(route.guards),
        "body": route.body,
    }


def _stake(stake: Stake) -> dict[str, Any]:
    return {
        "risk": stake.risk,
        "revenue": stake.revenue,
        "cost_of_failure": stake.cost_of_failure,
        "frequency": stake.frequency,
        "currency": stake.currency,
        "owner": stake.owner,
        "said_at": _place(stake.said_at) if stake.said_at else None,
    }


def _hazard(hazard: Hazard) -> dict[str, Any]:
    return {
        "slug": hazard.slug,
        "reason": hazard.reason,
        "weight": hazard.weight,
        "place": _place(hazard.place),
        "sureness": str(hazard.sureness),
    }


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "protocol": reach.protocol,
        "operation": mask_text(reach.operation),
        "kind": str(reach.kind),
        "target": mask_text(reach.target),
        "client": reach.client,
        "place": _place(reach.place),
        "via": _places(reach.via),
        "sureness": str(reach.sureness),
        "in_transaction": reach.in_transaction,
        "in_loop": reach.in_loop,
        "effect": reach.effect,
        "timeout": reach.timeout,
        "key": reach.key,
        "caught": list(reach.caught),
    }


def _exit(one: Exit) -> dict[str, Any]:
    """``entered_by`` is null where nobody has looked, empty where nobody took it."""
    entered = None if one.entered_by is None else list(one.entered_by)
    return {"kind": one.kind, "what": mask_text(one.what), "place": _place(one.place), "entered_by": entered}


def _mode(mode: FailureMode) -> dict[str, Any]:
    return {
        "protocol": mode.protocol,
        "operation": mask_text(mode.operation),
        "fault": mode.fault,
        "place": _place(mode.place),
        "tested_by": list(mode.tested_by),
        "explored": mode.explored,
    }


def _coverage(coverage: RiskCoverage) -> dict[str, int]:
    return {
        "risk_total": coverage.risk_total,
        "risk_tested": coverage.risk_tested,
        "tests": coverage.tests,
        "error_tests": coverage.error_tests,
        "generated": coverage.generated,
        "generated_error_tests": coverage.generated_error_tests,
    }


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "symbol": place.symbol}


def _places(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [_place(place) for place in places]
