"""Ways out of a function: what is caught, answered and thrown, in the frameworks' own ways."""

import pytest


def exits(read_files, body):
    code = read_files({"app.ts": f"export async function run(req, res, next, c, reply) {{\n{body}\n}}"})
    return [(one.kind, one.what) for one in code.functions["app.run"].exits]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("res.status(402).json({})", "402"),
        ("res.sendStatus(404)", "404"),
        ("res.status(StatusCodes.CONFLICT).send()", "409"),
        ("res.status(httpStatus.NOT_FOUND).send()", "404"),
        ("return c.json({ error: 1 }, 402)", "402"),
        ("return c.text('no', { status: 403 })", "403"),
        ("reply.code(503).send({})", "503"),
        ("return new Response('no', { status: 401 })", "401"),
        ("return Response.json({}, { status: 422 })", "422"),
        ("res.statusCode = 500", "500"),
        ("return c.notFound()", "404"),
    ],
)
def test_an_answer_of_400_or_more_is_a_way_out(read_files, body, status):
    assert exits(read_files, body) == [("answer", status)]


@pytest.mark.parametrize(
    "body", ["res.status(201).json({})", "res.json({ a: 400 })", "wait(500)", "c.json({}, 200)"]
)
def test_a_success_is_none(read_files, body):
    assert exits(read_files, body) == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("throw new NotPaid('x')", "NotPaid"),
        ("throw new HTTPException(402, {})", "HTTPException 402"),
        ("throw createError(409, 'taken')", "createError 409"),
        ("next(new NotPaid())", "NotPaid"),
    ],
)
def test_what_is_thrown_is_a_way_out(read_files, body, what):
    assert exits(read_files, body) == [("raise", what)]


def test_a_catch_clause_comes_before_what_is_answered_in_it(read_files):
    body = "try { await pay() } catch (e) { res.status(502).json({}) } finally { done() }"

    assert exits(read_files, body) == [("except", "Error -> 502"), ("answer", "502")]


def test_what_is_only_thrown_on_is_no_way_out_of_its_own(read_files):
    assert exits(read_files, "try { await pay() } catch (e) { throw e }") == [("except", "Error")]


def test_a_clause_that_throws_all_others_on_catches_its_classes_alone(read_files):
    code = read_files(
        {
            "app.ts": "import { CardError } from 'pay'\nexport async function run() {\n"
            "try { await pay() } catch (e) { if (e instanceof CardError) return 1\n throw e } }"
        }
    )

    function = code.functions["app.run"]
    assert function.calls[0].caught == ("pay.CardError",)
    assert function.exits[0].what == "pay.CardError"


def test_what_a_try_without_catch_calls_is_not_caught(read_files):
    code = read_files({"app.ts": "export function run() { try { pay() } finally { done() } }"})

    assert [call.caught for call in code.functions["app.run"].calls] == [(), ()]


def test_catches_within_each_other_are_told_innermost_first(read_files):
    code = read_files(
        {
            "app.ts": "export function run() { try { try { pay() } catch (e) { if (e instanceof Lost) {}\n"
            "throw e } } catch { } }"
        }
    )

    assert code.functions["app.run"].calls[0].caught == ("Lost", "Error")
