"""Screenings and the bookings of their seats; run as a module it creates both tables."""

import os

from sqlalchemy import BigInteger, ForeignKey, Identity, create_engine, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine(
    make_url(os.environ["STORE"]).set(drivername="postgresql+psycopg"),
    connect_args={"options": "-c statement_timeout=1000 -c transaction_timeout=1500"},
)


class Tables(DeclarativeBase):
    pass


class Screening(Tables):
    __tablename__ = "screenings"

    slug: Mapped[str] = mapped_column(primary_key=True)
    fee_pence: Mapped[int]


class Booking(Tables):
    __tablename__ = "bookings"

    ref: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(ForeignKey("screenings.slug", ondelete="CASCADE"))
    guest: Mapped[str]
    token: Mapped[str | None]
    state: Mapped[str]


if __name__ == "__main__":
    Tables.metadata.create_all(engine)
