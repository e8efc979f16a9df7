"""Flask by syntax, shape by shape."""

from ripstop.model.survey import Sureness
from ripstop.scan.routes.flask import graph

HEAD = "from flask import Blueprint, Flask\nfrom flask.views import MethodView\n"


def test_the_prefix_of_a_registration_replaces_the_blueprints_own(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "app = Flask(__name__)\nb = Blueprint('b', __name__, url_prefix='/own')\n"
            "@b.get('/x')\ndef x(): ...\napp.register_blueprint(b, url_prefix='/given')\n"
        }
    )

    assert told(graph(code).routes()) == ["GET /given/x shop.x"]


def test_blueprints_in_blueprints_add_up(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "app = Flask(__name__)\na = Blueprint('a', __name__, url_prefix='/a')\n"
            "b = Blueprint('b', __name__, url_prefix='/b')\n@b.route('/<path:x>', methods=['PATCH'])\n"
            "def x(x): ...\na.register_blueprint(b)\napp.register_blueprint(a, url_prefix='/top')\n"
        }
    )

    assert told(graph(code).routes()) == ["PATCH /top/b/{x} shop.x"]


def test_a_view_class_inherits_methods_and_decorators(write):
    _, code = write(
        {
            "shop.py": HEAD + "app = Flask(__name__)\ndef login(v): return v\nclass Base(MethodView):\n"
            "    decorators = [login]\n    def get(self): ...\nclass One(Base):\n    def delete(self): ...\n"
            "app.add_url_rule('/one', view_func=One.as_view('one'))\n"
        }
    )

    assert {one.operation: (one.handler, one.guards) for one in graph(code).routes()} == {
        "GET /one": ("shop.Base.get", ("shop.login",)),
        "DELETE /one": ("shop.One.delete", ("shop.login",)),
    }


def test_what_runs_before_a_request_is_a_guard_of_its_blueprint_alone(write):
    _, code = write(
        {
            "shop.py": HEAD + "app = Flask(__name__)\nb = Blueprint('b', __name__)\n@b.before_request\n"
            "def check(): ...\n@b.get('/b')\ndef x(): ...\n@app.get('/a')\ndef y(): ...\n"
            "app.register_blueprint(b)\n"
        }
    )

    assert {one.operation: one.guards for one in graph(code).routes()} == {
        "GET /b": ("shop.check",),
        "GET /a": (),
    }


def test_an_application_given_to_a_function_keeps_its_routes(write, told):
    _, code = write(
        {
            "shop/parts.py": HEAD + "b = Blueprint('b', __name__)\n@b.get('/b')\ndef x(): ...\n"
            "def register(flask_app):\n    flask_app.register_blueprint(b, url_prefix='/p')\n",
            "shop/main.py": HEAD + "from shop.parts import register\napp = Flask(__name__)\nregister(app)\n",
        }
    )

    assert told(graph(code).routes()) == ["GET /p/b shop.parts.x"]


def test_a_blueprint_that_nobody_registers_is_a_guess(write):
    _, code = write({"shop.py": HEAD + "b = Blueprint('b', __name__)\n@b.get('/b')\ndef x(): ...\n"})

    assert [one.sureness for one in graph(code).routes()] == [Sureness.GUESS]


def test_blueprints_registered_in_a_loop_are_a_gap_and_their_routes_guesses(write):
    _, code = write(
        {
            "shop.py": HEAD + "app = Flask(__name__)\nb = Blueprint('b', __name__, url_prefix='/b')\n"
            "@b.get('/x')\ndef x(): ...\nfor one in [b]:\n    app.register_blueprint(one)\n"
        }
    )

    assert [str(one) for one in graph(code).gaps] == ["shop.py:8: registers a blueprint that is computed"]
    assert [(one.operation, one.sureness) for one in graph(code).routes()] == [("GET /b/x", Sureness.GUESS)]
