"""What each tool answers, as models: their JSON Schemas are what an agent is told to expect."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class WorkflowOf(BaseModel):
    """One way in, with what is known of its tests and experiments."""

    operation: str
    handler: str
    place: str = Field(description="file:line of the handler")
    framework: str
    risk: int = Field(description="orders the workflows, highest first")
    said: str = Field(default="", description="the risk a person said it has")
    crosses: list[str] = Field(description="what it crosses, in order")
    tests: list[str] = Field(description="node ids of tests that call it")
    untested: int = Field(description="failure modes that no test lets happen")
    failure_modes: int


class Workflows(BaseModel):
    workflows: list[WorkflowOf]
    left_out: list[str] = Field(description="routes that are not ranked, with the reason")
    notes: list[str]


class RiskOf(BaseModel):
    operation: str
    slug: str = Field(description="`explain` has a page of it")
    reason: str
    weight: int
    place: str
    sureness: str


class Risks(BaseModel):
    risks: list[RiskOf] = Field(description="riskiest workflow first, heaviest reason first")
    more: int = Field(description="so many are not told; ask for one operation")


class ColumnOf(BaseModel):
    name: str
    type: str
    nullable: bool
    default: str = ""


class TableOf(BaseModel):
    name: str
    kind: str
    columns: list[ColumnOf]
    constraints: list[str]
    indexes: list[str]


class SchemaOf(BaseModel):
    seam: str
    role: str = Field(description="the role it was read as; it can only SELECT")
    tables: list[TableOf]
    cut: bool = Field(description="there is more than is told here")


class Answer(BaseModel):
    seam: str
    role: str
    columns: list[str]
    rows: list[list[Any]]
    cut: bool = Field(description="there are more rows than the limit, or one was too long to give whole")


class FindingOf(BaseModel):
    workflow: str
    nodeid: str
    rules: str = Field(description="codes that `explain` has pages of")
    fault: str
    at: str = Field(description="the crossing that was broken")
    reason: str
    replay: str = Field(description="the id that `replay` takes; empty where another finding stands for it")
    tested_by: list[str]


class Findings(BaseModel):
    findings: list[FindingOf]
    explored: list[str] = Field(description="workflows that were explored at all")


class Narrated(BaseModel):
    replay: str
    status: str = Field(description="held or torn")
    narration: str


class OutcomeOf(BaseModel):
    nodeid: str
    outcome: str = Field(description="passed, failed, skipped, error, xfailed")
    phase: str = Field(description="the phase that decided it")
    error: str = ""
    place: str = Field(default="", description="file:line in the project where it was raised")


class RunOf(BaseModel):
    passed: bool = Field(description="something ran, and all of it passed")
    tests: list[OutcomeOf]
    not_collected: list[str]
    seconds: float
    said: str = Field(description="the end of what pytest printed")


class GateStatus(BaseModel):
    red: str = Field(description="the digest of the frozen red set; empty for none")
    red_tests: dict[str, str] = Field(description="frozen tests, and why each was red")
    frozen_but_changed: list[str] = Field(description="frozen files that are not as they were frozen")
    patch: str = Field(description="where the last accepted patch is kept; empty for none")
    patch_touches: list[str]
    next: str


class Page(BaseModel):
    name: str
    page: str
