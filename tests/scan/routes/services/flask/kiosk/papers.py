"""Papers: a blueprint with another inside it."""

from flask import Blueprint

from kiosk.access import known_client, login_required

papers = Blueprint("papers", __name__, url_prefix="/papers")
issues = Blueprint("issues", __name__, url_prefix="/issues")
papers.before_request(known_client)


@papers.route("/")
def every_paper() -> str:
    return "all"


@papers.route("/<int:number>", methods=["GET", "DELETE"])
@login_required
def one_paper(number: int) -> str:
    return str(number)


@issues.post("/<slug>")
def add_issue(slug: str) -> str:
    return slug


papers.register_blueprint(issues)
