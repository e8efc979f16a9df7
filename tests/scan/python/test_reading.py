"""The example services, read: routes' decorators, seams' calls in order, ways out."""

from pathlib import Path

from ripstop.scan import files
from ripstop.scan.python.reading import read

EXAMPLES = Path(__file__).parents[3] / "examples"


def calls(calls_made):
    for call in calls_made:
        yield call
        yield from calls(call.block)


def test_the_charge_comes_before_the_insert_in_the_fastapi_example():
    code = read(EXAMPLES / "orders", files.find(EXAMPLES / "orders").python)

    handler = code.functions["orders.app.place_order"]
    names = [call.target or call.name for call in calls(handler.calls)]
    assert names.index("orders.app.charge") < names.index("sqlalchemy.orm.Session.add")
    assert [call.name for call in handler.decorators] == ["fastapi.FastAPI.post"]
    assert code.unread == ()
