"""Which methods a function view answers, by what its body says."""

import pytest

from ripstop.scan.routes.asked import methods


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("return HttpResponse()", ["GET"]),
        ("json.loads(request.body)", ["POST"]),
        ("if request.method == 'POST': ...", ["GET", "POST"]),
        ('if request.method != "POST": return x', ["POST"]),
        ("if request.method not in ('PUT', 'PATCH'): return x", ["PATCH", "PUT"]),
        ("if request.method in ['GET', 'HEAD']: ...", ["GET"]),
        ("return HttpResponseNotAllowed(['DELETE'])", ["DELETE"]),
    ],
)
def test_a_body_tells_its_methods(body, answers):
    assert methods(body) == answers
