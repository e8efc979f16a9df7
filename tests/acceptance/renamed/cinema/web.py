"""`POST /seats`: look the screening's fee up, take it at the till, then store the booking as settled."""

import os
from typing import Any

import requests
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from cinema.tables import Booking, Screening, engine

web = FastAPI()
sessions = sessionmaker(engine, expire_on_commit=False)


@web.get("/up")
def up() -> str:
    return "up"


@web.put("/screenings/{slug}")
def announce(slug: str, wanted: dict[str, Any]) -> JSONResponse:
    with sessions.begin() as session:
        session.add(Screening(slug=slug, fee_pence=wanted["feePence"]))
    return JSONResponse({"slug": slug}, 201)


@web.delete("/screenings/{slug}")
def call_off(slug: str) -> JSONResponse:
    with sessions.begin() as session:
        session.execute(delete(Screening).where(Screening.slug == slug))
    return JSONResponse({"slug": slug})


@web.post("/seats")
def book(wanted: dict[str, Any]) -> JSONResponse:
    guest, token = wanted["guest"], wanted.get("token")
    try:
        with sessions() as session:
            screening = session.get(Screening, wanted["screening"])
    except SQLAlchemyError:
        return JSONResponse({"problem": "box_office_closed"}, 503)
    if screening is None:
        return JSONResponse({"problem": "no_such_screening"}, 404)

    try:
        take_fee(guest, screening.fee_pence, token)
    except requests.RequestException:
        return JSONResponse({"problem": "fee_not_taken"}, 402)

    booking = Booking(slug=screening.slug, guest=guest, token=token, state="settled")
    try:
        with sessions.begin() as session:
            session.add(booking)
    except SQLAlchemyError:
        return JSONResponse({"problem": "seat_not_kept", "again": True}, 503)
    return JSONResponse({"ref": booking.ref, "guest": guest, "state": booking.state}, 201)


def take_fee(guest: str, fee_pence: int, token: str | None) -> None:
    requests.put(
        f"{os.environ['TILL']}/fees",
        json={"from": guest, "pence": fee_pence},
        headers={"X-Token": token},
    ).raise_for_status()
