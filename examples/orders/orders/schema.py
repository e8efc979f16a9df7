"""The orders table; run as a module it creates it. The connection is made here, sessions are the app's."""

import os

from sqlalchemy import BigInteger, Identity, create_engine, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    connect_args={"options": "-c statement_timeout=2000 -c transaction_timeout=3000"},
)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[str]
    amount_cents: Mapped[int]
    idempotency_key: Mapped[str | None]
    status: Mapped[str]


if __name__ == "__main__":
    Base.metadata.create_all(engine)
