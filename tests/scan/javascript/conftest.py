"""Small projects, written and read."""

import pytest

from ripstop.scan.files import find
from ripstop.scan.javascript.reading import read


@pytest.fixture
def read_files(tmp_path):
    """Writes files by their paths and reads those that are JavaScript or TypeScript."""

    def written(files):
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return read(tmp_path, find(tmp_path).javascript)

    return written


@pytest.fixture
def names_called(read_files):
    """The names of the calls in one function of ``app.ts``, those within others after what opened them."""

    def named(text, function="app.run", **others):
        code = read_files({"app.ts": text, **others})
        return [call.name for call in flat(code.functions[function].calls)]

    return named


def flat(calls):
    for call in calls:
        yield call
        yield from flat(call.block)
