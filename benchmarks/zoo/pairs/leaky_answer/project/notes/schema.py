"""The notes table, one row for each idempotency key; run as a module it creates it."""

import os

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    pool_pre_ping=True,
    pool_timeout=0.5,
    connect_args={"options": "-c statement_timeout=500 -c transaction_timeout=700"},
)


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


if __name__ == "__main__":
    Base.metadata.create_all(engine)
