"""`POST /shipments`: buy a label from the carrier, then store the shipment; once for each order."""

import os
from typing import Annotated, Any
from urllib.parse import quote

import requests
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from requests.adapters import HTTPAdapter
from schema import Shipment, engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from urllib3.util import Retry

CARRIER_URL = os.environ["CARRIER_URL"]

carrier = requests.Session()
carrier.mount(
    CARRIER_URL,
    HTTPAdapter(
        pool_maxsize=40,
        max_retries=Retry(
            total=1,
            backoff_factor=0.1,
            allowed_methods=None,
            status_forcelist=[502, 504],
            respect_retry_after_header=False,
            raise_on_status=False,
        ),
    ),
)
app = FastAPI()


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class Parcel(BaseModel):
    order: Annotated[str, Field(strict=True, min_length=1, max_length=80)]
    address: Annotated[str, Field(strict=True, min_length=1, max_length=200)]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/shipments", status_code=201)
def ship(parcel: Parcel) -> dict[str, object]:
    label = label_of(parcel)
    statement = (
        insert(Shipment)
        .values(order_ref=parcel.order, address=parcel.address, label=label)
        .on_conflict_do_update(index_elements=["order_ref"], set_={"order_ref": parcel.order})
        .returning(Shipment.id, Shipment.label)
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        stored = connection.execute(statement).one()
    return {"id": stored.id, "label": stored.label}


def label_of(parcel: Parcel) -> str:
    """The label that was bought when this order was asked for before, else a new one."""
    known = ask("GET", f"/labels/{quote(parcel.order, safe='')}")
    if known.status_code == 404:
        body = {"reference": parcel.order, "address": parcel.address}
        known = ask("POST", "/labels", json=body)
    if not known.ok:
        raise Refused(502, "carrier_unavailable")
    try:
        label = known.json()["label"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(502, "carrier_unintelligible") from error
    if not isinstance(label, str):
        raise Refused(502, "carrier_unintelligible")
    return label


def ask(method: str, path: str, **request: Any) -> requests.Response:
    try:
        return carrier.request(method, f"{CARRIER_URL}{path}", timeout=0.35, **request)
    except requests.RequestException as error:
        raise Refused(502, "carrier_unreachable") from error


@app.exception_handler(Refused)
def tell(_: Request, refused: Refused) -> JSONResponse:
    return JSONResponse({"error": refused.error, "retryable": True}, refused.status)


@app.exception_handler(SQLAlchemyError)
def no_database(_: Request, __: SQLAlchemyError) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
