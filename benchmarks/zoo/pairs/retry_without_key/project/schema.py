"""The table of shipments; run as a module it creates it."""

import os

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Shipment(Base):
    __tablename__ = "shipments"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_ref: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    label: Mapped[str]


engine = create_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    pool_pre_ping=True,
    pool_timeout=0.5,
    connect_args={"options": "-c statement_timeout=500 -c transaction_timeout=800", "connect_timeout": 2},
)

if __name__ == "__main__":
    Base.metadata.create_all(engine)
