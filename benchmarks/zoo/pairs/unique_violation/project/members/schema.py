"""The members table; run as a module it creates it."""

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


class Member(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    sign_up_key: Mapped[str]


if __name__ == "__main__":
    Base.metadata.create_all(engine)
