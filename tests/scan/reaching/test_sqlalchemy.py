"""SQLAlchemy's constructs and units of work, SQLModel's, Flask-SQLAlchemy's."""

from __future__ import annotations

from pathlib import Path

import pytest

from .models import ORM
from .snippets import operations

TABLES = """
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, select, update
engine = create_engine("postgresql://")
orders = Table("orders", MetaData(), Column("id", Integer))
stock = Table("stock", MetaData(), Column("id", Integer))
"""
FLASK = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("c.execute(orders.insert().values(id=1))", "INSERT orders"),
        ("c.execute(update(stock).where(stock.c.id == 1).values(id=2))", "UPDATE stock"),
        ("c.execute(orders.delete())", "DELETE orders"),
        ("c.execute(select(orders.c.id).join(stock, stock.c.id == 1))", "SELECT orders, stock"),
        (
            "c.execute(select(orders).where(orders.c.id.in_(select(stock.c.id)))).all()",
            "SELECT orders, stock",
        ),
        ("statement = select(stock)\nc.execute(statement.with_for_update())", "SELECT stock FOR UPDATE"),
    ],
)
def test_a_construct_is_sent_when_it_is_executed(tmp_path: Path, body: str, told: str) -> None:
    block = "with engine.begin() as c:\n" + "".join(f"    {line}\n" for line in body.splitlines())

    assert operations(tmp_path, TABLES, block) == ["BEGIN", f"{told}!", "COMMIT!"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("db.query(User).filter(User.name == x).first()", ["SELECT users!"]),
        ("db.query(Order).filter_by(id=1).update({})", ["UPDATE orders!"]),
        ("db.query(Order).filter(Order.id == 1).delete()", ["DELETE orders!"]),
        ("for one in db.query(Order):\n    print(one)", ["SELECT orders!"]),
        ("db.get(User, 1)", ["SELECT users!"]),
        ("db.scalars(select(User).join(Order)).all()", ["SELECT users, orders!"]),
        ("db.execute(select(func.count()).select_from(Order)).scalar()", ["SELECT orders!"]),
        ("db.add(User(name=x))\ndb.commit()", ["INSERT users!", "COMMIT!"]),
        ("db.add_all([User(name=x), Order()])\ndb.flush()", ["INSERT users!", "INSERT orders!"]),
        ("u = db.get(User, 1)\nu.name = x\ndb.commit()", ["SELECT users!", "UPDATE users!", "COMMIT!"]),
        ("u = db.get(User, 1)\ndb.add(u)\ndb.commit()", ["SELECT users!", "UPDATE users!", "COMMIT!"]),
        ("o = db.get(Order, 1)\ndb.delete(o)\ndb.commit()", ["SELECT orders!", "DELETE orders!", "COMMIT!"]),
        ("db.execute(text('UPDATE users SET name = 1'))", ["UPDATE users!"]),
    ],
)
def test_a_sessions_work_is_told_in_the_order_of_its_flushes(
    tmp_path: Path, body: str, told: list[str]
) -> None:
    assert operations(tmp_path, ORM, body, of="db: Session, x: str") == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "db.execute(select(User, exists().where((Order.id == x) & (Order.user_id == User.id))))",
            "users, orders",
        ),
        ("db.scalars(select(User).where(exists().where(Order.user_id == User.id)))", "users, orders"),
        ("db.scalars(select(Order).where(or_(Order.user_id == User.id, Order.id == x)))", "orders, users"),
        ("db.query(Order).filter(User.id == Order.user_id).all()", "orders, users"),
        ("db.scalars(select(User).where(User.id == x))", "users"),
    ],
)
@pytest.mark.parametrize("library", ["sqlalchemy", "sqlmodel"])
def test_conditions_name_tables_that_are_read_as_well(
    tmp_path: Path, body: str, told: str, library: str
) -> None:
    before = f"{ORM}\nfrom {library} import exists, or_"

    assert operations(tmp_path, before, body, of="db: Session, x: int") == [f"SELECT {told}!"]


def test_what_hangs_on_an_object_is_loaded_before_it_is_deleted(tmp_path: Path) -> None:
    body = "u = db.get(User, 1)\ndb.delete(u)\ndb.commit()"

    told = operations(tmp_path, ORM, body, of="db: Session")
    assert told == ["SELECT users!", "SELECT orders!", "DELETE users!", "COMMIT!"]


def test_an_object_is_changed_once_it_was_stored(tmp_path: Path) -> None:
    body = "o = Order(status='new')\ndb.add(o)\ndb.commit()\no.status = 'paid'\ndb.commit()"

    told = operations(tmp_path, ORM, body, of="db: Session")
    assert told == ["INSERT orders!", "COMMIT!", "UPDATE orders!", "COMMIT!"]


def test_a_session_of_unknown_class_is_known_by_what_it_is_given(tmp_path: Path) -> None:
    told = operations(tmp_path, ORM, "session.add(User(name=1))\nsession.commit()", of="session")

    assert told == ["INSERT users!", "COMMIT!"]


def test_flask_sqlalchemy_has_its_queries_on_the_model(tmp_path: Path) -> None:
    body = "u = User.query.filter_by(id=1).first()\ndb.session.add(User(id=x))\ndb.session.commit()"

    assert operations(tmp_path, FLASK, body) == ["SELECT user!", "INSERT user!", "COMMIT!"]


def test_a_repository_for_any_table_is_told_by_the_one_it_was_made_for(tmp_path: Path) -> None:
    before = f"""{ORM}
class Repository:
    def __init__(self, model): self.model = model
    def get(self, db: Session, id): return db.query(self.model).filter(self.model.id == id).first()
users = Repository(User)
"""
    assert operations(tmp_path, before, "users.get(db, 1)", of="db: Session") == ["SELECT users!"]


@pytest.mark.parametrize("body", ["s = select(User)", "x.add(1)", "{1}.add(2)", "x.delete('key')"])
def test_what_is_never_sent_is_not_told_as_a_write(tmp_path: Path, body: str) -> None:
    assert [one for one in operations(tmp_path, ORM, body) if not one.startswith("SELECT")] == []


EXTENSION = """
from alchemical.flask import Alchemical
from alchemical import Model
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship
db = Alchemical()
tagged = sa.Table("tagged", Model.metadata, sa.Column("tag_id", sa.ForeignKey("tags.id")))
class Settable:
    def update(self, data):
        for name, value in data.items():
            setattr(self, name, value)
class User(Settable, Model):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: WriteOnlyMapped["Post"] = relationship()
    tags: WriteOnlyMapped["Tag"] = relationship(secondary=tagged)
class Tag(Model):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
class Post(Settable, Model):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("db.session.add(User())\ndb.session.commit()", ["INSERT users!", "COMMIT!"]),
        ("db.session.scalar(User.select().filter_by(id=1))", ["SELECT users!"]),
        ("db.session.execute(Post.delete().where(Post.id == 1))", ["DELETE posts!"]),
        ("db.session.scalars(db.session.get(User, 1).posts.select())", ["SELECT users!", "SELECT posts!"]),
        (
            "db.session.scalars(db.session.get(User, 1).tags.select())",
            ["SELECT users!", "SELECT tags, tagged!"],
        ),
        ("db.session.scalar(User.select().where(User.tags.contains(x)))", ["SELECT users, tagged!"]),
        (
            "post = db.session.get(Post, 1)\npost.update(x)\ndb.session.commit()",
            ["SELECT posts!", "UPDATE posts!", "COMMIT!"],
        ),
    ],
)
def test_an_extension_named_for_sqlalchemy_has_its_sessions_and_statements(
    tmp_path: Path, body: str, told: list[str]
) -> None:
    assert operations(tmp_path, EXTENSION, body) == told


def test_an_attribute_set_by_a_name_that_is_told_changes_the_row(tmp_path: Path) -> None:
    body = "user = db.session.get(User, 1)\nfor k in x:\n    setattr(user, k, 1)\ndb.session.commit()"

    assert operations(tmp_path, EXTENSION, body) == ["SELECT users!", "UPDATE users!", "COMMIT!"]
