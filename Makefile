# Everything a person does here. Needs CPython 3.11 or newer, git and make; the rest is set up once in .venv.

PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
LOCKER ?= pip-compile
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 4

.PHONY: setup demo test check format bench zoo coverage-table lock clean

setup: $(READY)

$(READY): constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "No CPython 3.11 or newer found: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## Explore the plain example. It has findings, so exit code 1 is the expected end.
	cd examples/orders && $(BIN)/ripstop explore || test $$? -eq 1

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python benchmarks/run.py

zoo: $(READY)  ## Explore every service of benchmarks/zoo, with its planted bug and without. Minutes.
	$(BIN)/python -m benchmarks.zoo $(ARGS)

RECORD := $(VENV)/faults-fired.jsonl
coverage-table: $(READY)  ## Write docs/fault-coverage.md anew: run the tests in which faults happen, note which did.
	rm -f $(RECORD)
	$(BIN)/python -m pytest -p tests.fired --faults-fired=$(RECORD) -n $(WORKERS) --dist loadfile \
	  tests/acceptance/test_every_pair.py tests/genuine tests/rig tests/seams tests/service tests/suite
	$(BIN)/python -m tests.coverage_table $(RECORD)

lock:  ## Pin anew what the project and its dev group need: names, versions and hashes only.
	$(PYTHON) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); print(*p["project"]["dependencies"], *p["dependency-groups"]["dev"], *p["build-system"]["requires"], sep="\n")' \
	| $(LOCKER) - --output-file constraints.txt --generate-hashes --allow-unsafe --strip-extras --no-annotate \
	  --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --quiet

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
