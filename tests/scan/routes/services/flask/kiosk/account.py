"""Accounts: view classes and added rules."""

from flask import Blueprint
from flask.views import MethodView, View

from kiosk.access import login_required

account = Blueprint("account", __name__)


class Account(MethodView):
    decorators = (login_required,)

    def get(self, name: str) -> str:
        return name

    def put(self, name: str) -> str:
        return name


class Closing(View):
    methods = ("POST",)

    def dispatch_request(self) -> str:
        return "closed"


def balance() -> str:
    return "0"


account.add_url_rule("/<name>", view_func=Account.as_view("account"))
account.add_url_rule("/balance", "balance", balance)
account.add_url_rule("/close", view_func=Closing.as_view("close"), methods=["POST"])
