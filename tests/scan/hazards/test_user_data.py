"""Which workflows change what is known about people."""

from __future__ import annotations

from ripstop.model.survey import Sureness
from ripstop.scan.hazards.user_data import hazards

from .reading import charge, select, subject, table, told, write


def test_rows_about_people_are_told_by_their_table() -> None:
    assert told(hazards(subject(write(5, "customer_profiles")))) == [(5, Sureness.CERTAIN)]


def test_or_by_their_columns_a_little_less_surely() -> None:
    code = table("registrations", "id", "first_name", "email")

    (found,) = hazards(subject(write(5, "registrations"), code=code))

    assert found.reason == "INSERT registrations (app.py:5) changes rows that hold first_name, email"
    assert found.sureness is Sureness.LIKELY


def test_telling_somebody_else_about_a_person_is_a_guess() -> None:
    assert told(hazards(subject(charge(5), path="/users/{id}"))) == [(5, Sureness.GUESS)]


def test_reading_them_and_other_tables_are_not_told() -> None:
    assert list(hazards(subject(select(5, "users"), write(6, "products"), path="/users"))) == []
