"""One cause, one finding: what a crash brings out may be known from a plain failure."""

from __future__ import annotations

from dataclasses import replace

from ripstop.explore.findings import Findings
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.verdict import Severity, Status, Verdict
from ripstop.oracles import registry

from .shop import TRACE, refused

COMMIT = TRACE[-1].id
LOST = Plan((Injection(COMMIT, FaultSpec.of("reply_lost")),))
KILLED = Plan((Injection(COMMIT, FaultSpec.of("killed", when="after")),))
TWICE = Verdict(registry.rule("RS205"), Status.TORN, "2 rows")
CRASH = Verdict(registry.rule("RS601"), Status.TORN, "after a crash: 2 rows", {"as": "RS205"})


def test_a_crash_that_tears_as_a_plain_failure_did_is_one_of_its_faults() -> None:
    findings = Findings("n")
    findings.add(refused(LOST), TWICE)

    assert findings.known(KILLED, CRASH)
    findings.add(refused(KILLED), CRASH)
    (found,) = findings.sorted()
    assert (found.rule.code, [f.name for f in found.faults]) == ("RS205", ["reply_lost", "killed"])


def test_a_crash_that_tears_in_another_way_or_step_is_a_finding_of_its_own() -> None:
    elsewhere = replace(KILLED.injections[0], crossing=replace(COMMIT, step="POST /refunds"))
    findings = Findings("n")
    findings.add(refused(LOST), TWICE)
    findings.add(refused(KILLED), replace(CRASH, evidence={"as": "RS204"}))
    findings.add(refused(Plan((elsewhere,))), CRASH)

    assert [f.rule.code for f in findings.sorted()] == ["RS601", "RS601", "RS205"]


def test_a_crash_that_earns_advice_joins_no_finding_though_one_of_its_rule_is_there() -> None:
    findings = Findings("n")
    findings.add(refused(LOST), TWICE)
    findings.add(refused(KILLED), replace(CRASH, severity=Severity.ADVICE))

    told = [(f.rule.code, f.severity, [one.name for one in f.faults]) for f in findings.sorted()]
    assert told == [
        ("RS205", Severity.HIGH, ["reply_lost"]),
        ("RS601", Severity.ADVICE, ["killed"]),
    ]
