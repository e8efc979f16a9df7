"""Declarations that several snippets begin with."""

ORM = """
from sqlalchemy import ForeignKey, create_engine, delete, func, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker
engine = create_engine("postgresql://")
SessionLocal = sessionmaker(engine)
class Base(DeclarativeBase): pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="user")
class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str]
    user: Mapped[User] = relationship(back_populates="orders")
"""

DJANGO = """
# file: shop/models.py
from django.db import models
class Order(models.Model):
    total = models.IntegerField()
class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    class Meta:
        db_table = "lines"
# file: app.py
from django.db import connection, transaction
from django.shortcuts import get_object_or_404
from shop.models import Line, Order
"""

DRIZZLE = """
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { eq, sql } from 'drizzle-orm'
export const orders = pgTable('orders', { id: integer('id') })
export const users = pgTable('app_users', { id: integer('id') })
const db = drizzle('postgres://')
"""
