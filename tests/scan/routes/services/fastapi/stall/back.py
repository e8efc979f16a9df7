"""The back office, an application of its own."""

from fastapi import FastAPI

office = FastAPI()


@office.delete("/ledger/{day}")
def burn(day: str) -> None:
    """Gone."""
