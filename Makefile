# The two commands are `make demo` and `make test`. They need Python 3.10+ with venv, pip and make, and nothing else:
# each makes the environments it needs inside the checkout, once, and again when pyproject.toml changes. Where there is
# Node.js too, the tests with the official JavaScript client run; without it they are left out, and that is said.

PYTHON ?= $(shell command -v python3 2>/dev/null || command -v python 2>/dev/null || echo python3)
NODEJS ?= node
NPM ?= npm
OFFICIAL_VERSION := 3.1.0

# Tests wait for other processes a third of their time: one more of them at once than two cores have.
TEST_PROCESSES ?= 3

VENV := .venv
OFFICIAL := .venv-official
WHEEL := .venv-wheel
CONTRIB := .venv-contrib
NODE := .node

RUN_READY := $(VENV)/.ready-to-run
TEST_READY := $(VENV)/.ready-to-test
OFFICIAL_READY := $(OFFICIAL)/.ready-$(OFFICIAL_VERSION)
NODE_READY := $(NODE)/.ready

BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check

export PIP_REQUIRE_VIRTUALENV :=
export PYTHONPATH :=
# Container images like to turn bytecode off; hundreds of processes would each compile all of this anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test bench lint types imports wheel contrib unit node clean

help:
	@echo "make demo    run the demo: a workspace with a small show, and real sessions at work"
	@echo "make test    lint, types, import contracts, the wheel, and the whole test suite"
	@echo "make bench   measure against the official client and the raw floor (not part of make test); BENCH=quick is short"
	@echo "make lint, make types, make imports, make wheel, make contrib, make unit: the parts of make test"
	@echo "make clean   remove the environments and everything built"

demo: $(RUN_READY)
	@$(BIN)/ftrack demo

# In this order: what fails quickly first, the summary of all tests last.
test: lint types imports wheel contrib unit

bench: $(TEST_READY) $(OFFICIAL_READY)
	@$(BIN)/python tests/benchmarks/bench.py $(BENCH)

lint: $(TEST_READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(TEST_READY)
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases tests
	$(BIN)/mypy contrib/backend-template contrib/studio-example

imports: $(TEST_READY)
	$(BIN)/lint-imports

# A base install of the built wheel, in an environment made anew: what a user gets who has only pip.
wheel: $(TEST_READY)
	rm -rf build dist $(WHEEL)
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PYTHON) -m venv $(WHEEL)
	$(WHEEL)/bin/python $(INSTALL) dist/*.whl
	$(WHEEL)/bin/python -I tests/architecture/wheel_smoke.py

# ftrack-redis beside the built wheel, as its users have it: no source of the repository is in sight. tests/contrib does
# the like with the others. The wheel is installed twice: for what it needs, and anew, since its version stays the same.
contrib: wheel
	$(call environment,$(CONTRIB))
	$(CONTRIB)/bin/python $(INSTALL) --upgrade dist/*.whl
	$(CONTRIB)/bin/python $(INSTALL) --no-deps --force-reinstall dist/*.whl
	$(CONTRIB)/bin/python $(INSTALL) --editable 'contrib/ftrack-redis[test]'
	cd contrib/ftrack-redis && $(CURDIR)/$(CONTRIB)/bin/python -m mypy
	cd contrib/ftrack-redis && $(CURDIR)/$(CONTRIB)/bin/python -m pytest -n $(TEST_PROCESSES) $(PYTEST)

unit: $(TEST_READY) $(OFFICIAL_READY) $(NODE_READY)
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(PYTEST)

node: $(NODE_READY)

clean:
	rm -rf $(VENV) $(OFFICIAL) $(WHEEL) $(CONTRIB) $(NODE) build dist *.egg-info contrib/*/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUN_READY): pyproject.toml Makefile
	$(call environment,$(VENV))
	@echo "Installing into $(VENV), this takes a moment the first time"
	@$(BIN)/python $(INSTALL) --editable '.[server,cli,fast]'
	@touch $@

$(TEST_READY): pyproject.toml Makefile
	$(call environment,$(VENV))
	@echo "Installing into $(VENV), this takes a moment the first time"
	@$(BIN)/python $(INSTALL) --editable '.[all]'
	@touch $(RUN_READY) $@

# The official client pins libraries of 2020, so it has an environment of its own.
$(OFFICIAL_READY): Makefile
	$(call environment,$(OFFICIAL))
	@echo "Installing the official client $(OFFICIAL_VERSION) into $(OFFICIAL), for comparison"
	@$(OFFICIAL)/bin/python $(INSTALL) 'ftrack-python-api==$(OFFICIAL_VERSION)'
	@touch $@

# The official JavaScript client, in a folder of its own. A machine without Node is no reason to leave out everything
# else; where nobody reads what is printed, it is.
$(NODE_READY): tests/interop/javascript/package.json Makefile
	@if $(NODEJS) -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null \
		&& $(NPM) --version >/dev/null 2>&1; then \
		echo "Installing the official JavaScript client into $(NODE), for comparison" \
		&& mkdir -p $(NODE) && cp $< $(NODE)/package.json \
		&& $(NPM) install --prefix $(NODE) --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error \
		&& touch $@; \
	else \
		echo "Node.js 18 or newer with npm is not here: the tests with the official JavaScript client are left out." >&2; \
		echo "(Debian and Ubuntu: apt-get install nodejs npm; then run make again.)" >&2; \
		test -z "$$CI"; \
	fi

# $(call environment,FOLDER): make a virtual environment there unless one that works is there already.
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo "Python 3.10 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)." >&2; \
		echo "Name another one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments: install the package python3-venv" >&2; \
		echo "(Debian and Ubuntu: apt-get install python3-venv), then run make again." >&2; exit 1; }
	@$(1)/bin/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(1)
endef
