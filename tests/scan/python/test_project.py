"""Names across files: imports however they are written, packages, inheritance."""

import pytest

PACKAGE = {
    "shop/__init__.py": "from .core import charge as pay\nfrom .core import *\n",
    "shop/core.py": "def charge(): ...\ndef refund(): ...\n",
    "shop/deep/__init__.py": "",
    "shop/deep/way.py": "def go(): ...\n",
}


@pytest.mark.parametrize(
    ("line", "called", "target"),
    [
        ("import shop", "shop.core.charge()", "shop.core.charge"),
        ("import shop.core as c", "c.charge()", "shop.core.charge"),
        ("from shop import core", "core.charge()", "shop.core.charge"),
        ("from shop.core import charge as c", "c()", "shop.core.charge"),
        ("from shop import pay", "pay()", "shop.core.charge"),
        ("from shop import refund", "refund()", "shop.core.refund"),
        ("from shop import *", "refund()", "shop.core.refund"),
        ("import shop.deep.way", "shop.deep.way.go()", "shop.deep.way.go"),
        ("from shop.deep.way import go", "go()", "shop.deep.way.go"),
    ],
)
def test_an_import_leads_to_where_the_function_is_defined(names, line, called, target):
    assert names(f"{line}\ndef f():\n    {called}", PACKAGE) == [target]
    assert names(f"def f():\n    {line.replace('*', 'refund')}\n    {called}", PACKAGE) == [target]


@pytest.mark.parametrize(
    "line", ["from .core import charge", "from . import charge", "from ..shop.core import charge"]
)
def test_relative_imports_are_counted_from_the_package(project, line):
    others = {
        "a/__init__.py": "",
        "a/shop/__init__.py": "from .core import charge",
        "a/shop/core.py": "def charge(): ...",
    }
    code = project("", {**others, "a/shop/use.py": f"{line}\ndef f(): charge()"})

    assert code.functions["a.shop.use.f"].calls[0].target == "a.shop.core.charge"


def test_two_services_with_the_same_module_names_stay_apart(project):
    one = {f"{name}/orders/{file}.py": "" for name in ("one", "two") for file in ("__init__",)}
    for name in ("one", "two"):
        one[f"{name}/orders/app.py"] = "from orders.schema import save\ndef place(): save()"
        one[f"{name}/orders/schema.py"] = "def save(): ..."
    code = project("", one)

    assert code.functions["orders.app.place"].calls[0].target == "orders.schema.save"
    assert code.functions["two.orders.app.place"].calls[0].target == "two.orders.schema.save"


def test_modules_that_import_each_other_in_a_circle_are_read(project):
    circle = {
        "a.py": "from b import *\nfrom b import y as x",
        "b.py": "from a import *\nfrom a import x as y",
    }
    code = project("from a import x\ndef f(): x()", circle)

    assert code.unread == ()
    assert code.functions["app.f"].calls[0].target == ""


def test_methods_are_found_through_parents_and_super(names):
    text = """
    class Repo:
        def save(self): ...
    class Sub(Repo):
        def save(self): super().save()
        def all(self): self.save()
    def f():
        Sub().all()
    """

    assert names(text, function="app.Sub.save") == ["app.Repo.save"]
    assert names(text, function="app.Sub.all") == ["app.Sub.save"]
    assert names(text) == ["app.Sub", "app.Sub.all"]


def test_an_interface_with_one_implementation_leads_to_it(names):
    text = """
    import abc
    class Port(abc.ABC):
        @abc.abstractmethod
        def send(self): ...
    class Mailer(Port):
        def send(self): go()
    def f(port: Port):
        port.send()
    """

    assert names(text) == ["app.Mailer.send"]


def test_bases_are_told_by_their_resolved_names(project):
    code = project("from django.views import View as V\nclass A(V): ...\nclass B(A): ...")

    assert code.bases == {"app.A": ("django.views.View",), "app.B": ("app.A",)}


def test_functions_of_the_same_name_are_all_kept(project):
    code = project("def decorated(f): return f\n@decorated\ndef _(): a()\n@decorated\ndef _(): b()")

    assert {name for name in code.functions if name.startswith("app._")} == {"app._", "app._<3>"}


TEMPLATE = """
from typing import Generic, TypeVar
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Session
T = TypeVar("T")
class Base(DeclarativeBase): ...
class Order(Base):
    __tablename__ = "orders"
    def total(self): ...
class Plain:
    model = None
    def all(self, session: Session):
        return session.scalars(select(self.model)).all()
class Orders(Plain):
    model = Order
class Generics(Generic[T]):
    def __init__(self, model: type[T], session: Session):
        self.model, self.session = model, session
        self.kind = model
    def get(self, key) -> T | None:
        return self.session.get(self.kind, key)
class Typed(Generics[Order]):
    pass
"""


def test_a_method_of_a_template_is_read_for_the_class_that_fills_it_in(project):
    code = project(f"{TEMPLATE}\ndef f(s: Session):\n    Orders().all(s)\n    Typed(Order, s).get(1).total()")

    targets = [call.target for call in code.functions["app.f"].calls if call.target]
    assert targets == ["app.Orders.all", "app.Generics.__init__", "app.Typed.get", "app.Order.total"]
    selected, *_ = code.functions["app.Orders.all"].calls
    assert (selected.name, selected.arguments[0].value.text) == ("sqlalchemy.select", "app.Order")
    assert code.functions["app.Typed.get"].calls[0].arguments[0].value.text == "app.Order"
    assert code.functions["app.Typed.get"].place.line == code.functions["app.Generics.get"].place.line
