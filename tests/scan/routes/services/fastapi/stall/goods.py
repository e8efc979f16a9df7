"""Goods: a router with a prefix of its own and a guard for all of it."""

from functools import wraps
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from stall.guards import Seller, audited

router = APIRouter(prefix="/goods", dependencies=[Depends(audited)])


class Good(BaseModel):
    name: str
    cents: int = 0


def counted(function: Any) -> Any:
    @wraps(function)
    def inner(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    return inner


def careless(function: Any) -> Any:
    def inner() -> Any:
        return function()

    return inner


@router.get("")
def all_goods() -> list[str]:
    return []


@router.post("/", status_code=201)
@counted
def add_good(good: Good, by: Seller) -> dict[str, str]:
    return {"name": good.name, "by": by}


@router.get("/{number:int}")
async def one_good(number: int) -> dict[str, int]:
    return {"number": number}


@router.api_route("/{number}/label", methods=["GET", "PUT"])
def label(number: int) -> str:
    return str(number)


@router.get("/best")
@careless
def best() -> str:
    return "pears"
