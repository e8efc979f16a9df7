"""The shop's tables; run as a module it creates them, with some kettles on the shelf."""

import os

from sqlalchemy import CheckConstraint, create_engine, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    pool_pre_ping=True,
    pool_timeout=0.5,
    connect_args={"options": "-c statement_timeout=500 -c transaction_timeout=700"},
)


class Base(DeclarativeBase):
    pass


class Stock(Base):
    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("left_over >= 0"),)

    sku: Mapped[str] = mapped_column(primary_key=True)
    left_over: Mapped[int]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    card: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)


if __name__ == "__main__":
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(Stock(sku="kettle", left_over=9))
