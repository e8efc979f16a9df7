"""Who may pass."""

from typing import Annotated

from fastapi import Depends, Header, HTTPException


def token(authorization: Annotated[str, Header()]) -> str:
    return authorization


def seller(given: Annotated[str, Depends(token)]) -> str:
    if given != "seller":
        raise HTTPException(403)
    return given


def audited() -> None:
    """Nothing yet."""


Seller = Annotated[str, Depends(seller)]
