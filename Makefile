# Everything runs in virtual environments of its own, installed from constraints/*.txt, where every file is held by
# its hash. A fresh machine needs Python >= 3.11 and make:
#
#     make demo      sets up .venv and shows a school's term from roster to report
#
PYTHON ?= python3
WORKERS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1
# Tests start hundreds of processes: what one of them compiled the next one loads, whatever the surroundings say.
export PYTHONDONTWRITEBYTECODE =

PIP_FLAGS = --quiet --no-warn-script-location
SOURCES := $(shell find src -type f ! -name '*.pyc')
METADATA = pyproject.toml README.md LICENSE
CHECKED = $(wildcard src tests tools benchmarks examples docs)
TYPED = $(wildcard src tools benchmarks examples)
# Tests write thousands of small databases: to memory, where the machine has such a place.
IN_MEMORY = PYTEST_DEBUG_TEMPROOT=$$(test -w /dev/shm && echo /dev/shm || echo /tmp)
STORE_TESTS = tests/store tests/engine/test_trace.py tests/system/test_embedding.py tests/system/test_sweepers.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-oldest test-oldest-store coverage lint format docs bench soak build constraints clean

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 28

demo: .venv/.installed  ## set up .venv and show a school's term, from roster to report
	.venv/bin/casework demo

test: .venv-test/.installed  ## run the tests
	mkdir -p build
	$(IN_MEMORY) .venv-test/bin/python -m pytest -n $(WORKERS) --dist worksteal --junitxml=build/tests.xml

coverage: .venv-test/.installed  ## run them again with branch coverage, at least 95 %
	rm -rf build/coverage && mkdir -p build/coverage
	$(IN_MEMORY) .venv-test/bin/python -m coverage run -m pytest -n $(WORKERS) --dist worksteal
	.venv-test/bin/python -m coverage combine --quiet
	.venv-test/bin/python -m coverage report

test-oldest: .venv-oldest/.installed  ## run the tests with the oldest releases that we promise to work with
	.venv-oldest/bin/python -m pytest -n $(WORKERS)

test-oldest-store: .venv-oldest/.installed  ## run those of them that stand on a database
	$(IN_MEMORY) .venv-oldest/bin/python -m pytest -n $(WORKERS) --dist worksteal $(STORE_TESTS)

lint: .venv-dev/.installed  ## ruff, mypy --strict, the import contracts
	.venv-dev/bin/ruff check $(CHECKED)
	.venv-dev/bin/ruff format --check $(CHECKED)
	.venv-dev/bin/mypy $(TYPED)
	.venv-dev/bin/lint-imports

format: .venv-dev/.installed  ## let ruff mend what it can
	.venv-dev/bin/ruff check --fix $(CHECKED)
	.venv-dev/bin/ruff format $(CHECKED)

docs: .venv-dev/.installed  ## build the pages into build/docs; a warning is an error
	.venv-dev/bin/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet -b html -d build/doctrees docs build/docs
	@echo "docs: build/docs/index.html"

bench: .venv-test/.installed  ## measure bytes, microseconds and seconds
	.venv-test/bin/python -m benchmarks

soak: .venv-test/.installed  ## run the long tests and every property, with many more examples
	HYPOTHESIS_PROFILE=soak .venv-test/bin/python -m pytest -n $(WORKERS) -m "soak or hypothesis"

build: .venv-dev/.installed  ## make the wheel and the sdist in dist, and look inside
	rm -rf dist
	.venv-dev/bin/python -m build --no-isolation --outdir dist
	.venv-dev/bin/python tools/check_dist.py dist

constraints: .venv-lock/.dependencies  ## write constraints/*.txt again (UPGRADE=--upgrade takes newer releases)
	.venv-lock/bin/python tools/lock.py $(UPGRADE)

clean:  ## remove what was made
	rm -rf .venv .venv-test .venv-oldest .venv-dev .venv-lock build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Dependencies first, each file checked against its hash; the project itself after them, built by the pinned backend.

.venv/.dependencies: constraints/demo.txt
.venv-test/.dependencies: constraints/test.txt
.venv-oldest/.dependencies: constraints/oldest.txt
.venv-dev/.dependencies: constraints/dev.txt
.venv-lock/.dependencies: constraints/lock.txt
.venv/.dependencies .venv-test/.dependencies .venv-oldest/.dependencies .venv-dev/.dependencies .venv-lock/.dependencies:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "casework needs Python 3.11 or later, $(PYTHON) is older: make PYTHON=python3.12 …" >&2; exit 1; }
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install $(PIP_FLAGS) --require-hashes --requirement $<
	@touch $@

.venv/.installed: .venv/.dependencies $(METADATA) $(SOURCES)
	.venv/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --no-index --force-reinstall ".[cli]"
	@touch $@

.venv-test/.installed .venv-oldest/.installed .venv-dev/.installed: %/.installed: %/.dependencies $(METADATA)
	$(@D)/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --no-index --editable .
	@touch $@
