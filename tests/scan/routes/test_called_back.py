"""Functions that a decorator's library calls before the handler runs."""

from ripstop.scan.routes.called_back import called_back
from ripstop.scan.routes.flask import graph

HEAD = """
from flask import Flask
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth, MultiAuth
from apifairy import authenticate, body, response
from marshmallow import Schema, validates
app = Flask(__name__)
basic, token = HTTPBasicAuth(), HTTPTokenAuth()
either = MultiAuth(basic, token)
@basic.verify_password
def by_password(name, password): ...
@token.verify_token
def by_token(token): ...
class Named(Schema):
    @validates("name")
    def is_free(self, value): ...
class Ordered(Named):
    pass
"""


def guards(write, decorators: str) -> tuple[str, ...]:
    """What stands before a route with such decorators."""
    _, code = write({"shop.py": f"{HEAD}@app.post('/x')\n{decorators}\ndef x(): ...\n"})
    (route,) = map(called_back(code).before, graph(code).routes())
    return tuple(one.rpartition("shop.")[2] for one in route.guards if one.startswith("shop."))


def test_the_verifier_of_the_object_that_guards_runs_first(write):
    assert guards(write, "@token.login_required") == ("by_token",)
    assert guards(write, "@authenticate(basic)") == ("by_password",)
    assert guards(write, "@either.login_required") == ("by_password", "by_token")


def test_a_bodys_schema_validates_and_an_answers_does_not(write):
    assert guards(write, "@body(Ordered())") == ("Named.is_free",)
    assert guards(write, "@response(Ordered())") == ()


def test_a_verifier_stands_behind_the_decorator_that_has_it_called(write):
    order = guards(write, "@authenticate(token)\n@body(Named())")

    assert order == ("by_token", "Named.is_free")


def test_a_loader_runs_where_its_library_asks_for_a_login(write):
    source = (
        "from flask import Flask\nfrom flask_login import LoginManager, login_required\n"
        "app, manager = Flask(__name__), LoginManager()\n@manager.user_loader\ndef load(id): ...\n"
        "@app.get('/in')\n@login_required\ndef inside(): ...\n@app.get('/out')\ndef outside(): ...\n"
    )
    _, code = write({"shop.py": source})
    told = {one.path: called_back(code).before(one).guards for one in graph(code).routes()}

    assert told == {"/in": ("flask_login.login_required", "shop.load"), "/out": ()}
