"""`POST /subscriptions`: one row for an address and a list, however often it is asked for."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from schema import Subscription, engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

app = FastAPI()
new_session = sessionmaker(engine)


def session() -> Iterator[Session]:
    with new_session.begin() as fresh:
        yield fresh


Database = Annotated[Session, Depends(session, scope="function")]


class Wanted(BaseModel):
    address: Annotated[str, Field(strict=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
    list: Annotated[str, Field(strict=True, min_length=1, max_length=40)]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/subscriptions", status_code=201)
def subscribe(wanted: Wanted, database: Database) -> dict[str, object]:
    statement = (
        insert(Subscription)
        .values(**wanted.model_dump())
        .on_conflict_do_update(index_elements=["address", "list"], set_={"list": wanted.list})
        .returning(Subscription.id)
    )
    return {"id": database.scalar(statement), **wanted.model_dump()}


@app.exception_handler(SQLAlchemyError)
def no_database(_: Request, __: SQLAlchemyError) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
