"""Tables declared for SQLAlchemy and its kin."""

import pytest

from ripstop.scan.code import Column


def tables(code):
    return {table.symbol: table.name for table in code.tables.values()}


def test_a_mapped_class_is_a_table_with_its_columns(project):
    code = project(
        """
        from sqlalchemy import ForeignKey, BigInteger
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
        class Base(DeclarativeBase): ...
        class Team(Base):
            __tablename__ = "teams"
            id: Mapped[int] = mapped_column(primary_key=True)
        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
            key: Mapped[str] = mapped_column(primary_key=True)
            name: Mapped[str]
            nick: Mapped[str | None]
            state: Mapped[str] = mapped_column(default="new")
            team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
            lead_id: Mapped["int | None"] = mapped_column(ForeignKey(Team.id))
            team: Mapped[Team] = relationship()
        """
    )

    assert tables(code) == {"app.Team": "teams", "app.User": "users"}
    assert code.tables["app.User"].columns == (
        Column("id", "biginteger"),
        Column("key", "str", required=True),
        Column("name", "str", required=True),
        Column("nick", "str"),
        Column("state", "str"),
        Column("team_id", "int", required=True, references="teams.id"),
        Column("lead_id", "int", references="teams.id"),
    )


def test_columns_without_annotations_and_those_of_mixins_count(project):
    code = project(
        """
        from sqlalchemy import Column, Integer, String, DateTime
        from sqlalchemy.ext.declarative import declarative_base
        Base = declarative_base()
        class Timed:
            created = Column(DateTime, nullable=False)
        class Order(Timed, Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            note = Column("remark", String(30))
        """
    )

    assert [(c.name, c.type, c.required) for c in code.tables["app.Order"].columns] == [
        ("created", "datetime", True),
        ("id", "integer", False),
        ("remark", "string", False),
    ]


def test_a_table_object_is_known_by_its_variable(project):
    code = project(
        """
        from sqlalchemy import Column, Integer, MetaData, Table, Text, ForeignKey
        metadata = MetaData()
        key = Column("id", Integer, primary_key=True)
        orders = Table("orders", metadata, key, Column("a", Text, nullable=False))
        lines = Table("lines", metadata, Column("o", ForeignKey("orders.id"), nullable=False), schema="shop")
        """
    )

    assert tables(code) == {"app.orders": "orders", "app.lines": "shop.lines"}
    assert code.tables["app.orders"].columns[1] == Column("a", "text", required=True)
    assert code.tables["app.lines"].columns == (Column("o", "", required=True, references="orders.id"),)


def test_sqlmodel_tables_take_the_name_and_fields_of_their_classes(project):
    code = project(
        """
        import uuid
        from sqlmodel import Field, Relationship, SQLModel
        class UserBase(SQLModel):
            email: str = Field(unique=True)
            nick: str | None = None
        class NewUser(UserBase):
            password: str
        class User(UserBase, table=True):
            id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
            team_id: int = Field(foreign_key="team.id")
            items: list["Item"] = Relationship()
        """
    )

    assert tables(code) == {"app.User": "user"}
    assert [(c.name, c.required, c.references) for c in code.tables["app.User"].columns] == [
        ("email", True, ""),
        ("nick", False, ""),
        ("id", False, ""),
        ("team_id", True, "team.id"),
    ]


def test_flask_sqlalchemy_names_tables_after_classes(project):
    code = project(
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        class UserAccount(db.Model):
            id = db.Column(db.Integer, primary_key=True)
        class Named(db.Model):
            __tablename__ = "other"
            id = db.Column(db.Integer, primary_key=True)
        """
    )

    assert tables(code) == {"app.UserAccount": "user_account", "app.Named": "other"}


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("return cls.__name__.lower()", "lineitem"),
        ("return cls.__name__.lower() + 's'", "lineitems"),
        ("return re.sub('x', '_', cls.__name__).lower()", "line_item"),
        ("return cls.__name__", "LineItem"),
    ],
)
def test_a_name_that_a_base_makes_is_made_the_same_way(project, made, name):
    code = project(
        f"""
        import re
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, declared_attr
        class Base(DeclarativeBase):
            @declared_attr.directive
            def __tablename__(cls):
                {made}
        class LineItem(Base):
            id: Mapped[int] = mapped_column(primary_key=True)
        """
    )

    assert tables(code) == {"app.LineItem": name}


def test_abstract_classes_and_plain_ones_are_no_tables(project):
    code = project(
        """
        from sqlalchemy.orm import DeclarativeBase, Mapped
        class Base(DeclarativeBase):
            __abstract__ = True
            id: Mapped[int]
        class Plain:
            name: str
        """
    )

    assert tables(code) == {}
