"""Ways out of a function that are no success."""

import pytest

START = """
from http import HTTPStatus
from django.http import Http404, HttpResponseBadRequest, JsonResponse as Json
from fastapi import HTTPException, status
from fastapi.responses import JSONResponse
from flask import abort, jsonify, make_response
from rest_framework.response import Response
class Refused(Exception): ...
class Told(Exception):
    def __init__(self, status): ...
"""


@pytest.mark.parametrize(
    ("statement", "kind", "what"),
    [
        ("raise HTTPException(404)", "raise", "fastapi.HTTPException 404"),
        ("raise HTTPException(status_code=status.HTTP_403_FORBIDDEN)", "raise", "fastapi.HTTPException 403"),
        ("raise Http404", "raise", "django.http.Http404 404"),
        ("raise Refused('x')", "raise", "app.Refused"),
        ("raise Told(503)", "raise", "app.Told 503"),
        ("abort(409)", "raise", "flask.abort 409"),
        ("return JSONResponse({}, 402)", "answer", "402"),
        ("return JSONResponse({}, status_code=503)", "answer", "503"),
        ("return Json({}, status=422)", "answer", "422"),
        ("return HttpResponseBadRequest()", "answer", "400"),
        ("return Response({}, status=status.HTTP_409_CONFLICT)", "answer", "409"),
        ("return {'a': 1}, 402", "answer", "402"),
        ("return jsonify(a=1), HTTPStatus.CONFLICT", "answer", "409"),
        ("return make_response(jsonify(a=1), 502)", "answer", "502"),
        ("return (jsonify(a=1), 200) if x else (jsonify(b=2), 404)", "answer", "404"),
    ],
)
def test_an_error_answer_or_exception_is_an_exit(project, statement, kind, what):
    (way_out,) = project(f"{START}\ndef f(x):\n    {statement}").functions["app.f"].exits

    assert (way_out.kind, way_out.what) == (kind, what)
    assert way_out.place.line == START.count("\n") + 3


@pytest.mark.parametrize(
    "statement", ["return JSONResponse({}, 201)", "return {}, 200", "return 404", "return [1, 2]"]
)
def test_success_is_no_exit(project, statement):
    assert project(f"{START}\ndef f(x):\n    {statement}").functions["app.f"].exits == ()


def test_each_except_clause_is_an_exit_with_the_status_answered_in_it(project):
    text = f"""{START}
def f():
    try:
        go()
    except (KeyError, ValueError):
        return JSONResponse(dict(), 402)
    except OSError as error:
        raise HTTPException(503) from error
    except Exception:
        log()
"""
    exits = [(way_out.kind, way_out.what) for way_out in project(text).functions["app.f"].exits]

    assert exits == [
        ("except", "KeyError, ValueError -> 402"),
        ("answer", "402"),
        ("except", "OSError -> 503"),
        ("raise", "fastapi.HTTPException 503"),
        ("except", "Exception"),
    ]
