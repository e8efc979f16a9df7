"""The application, made by a function."""

import os

from flask import Flask

from kiosk.account import account
from kiosk.papers import papers


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]

    @app.get("/health")
    def health() -> str:
        return "ok"

    @app.before_request
    def counted() -> None:
        """Nothing yet."""

    register(app)
    return app


def register(app: Flask) -> None:
    app.register_blueprint(papers)
    app.register_blueprint(account, url_prefix="/account")
