# `make demo` and `make test` need Python 3.11 to 3.13. Where there is a C compiler, the tests also
# build PyRadiomics and compare the extraction engine with it, and try random survival forests.
PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
VENV := .venv
BIN := $(VENV)/bin
ORACLE := $(shell { command -v cc || command -v gcc; } >/dev/null && echo "pyradiomics,rsf,")

.PHONY: help install demo test test-pairs test-workflows test-real lint clean

help:
	@echo "make demo       install, and run the bundled study from images to report"
	@echo "make test       install, and run the tests"
	@echo "make test-pairs  try every pair of selector and model, for every kind of endpoint"
	@echo "make test-workflows  run six published workflows through the real command"
	@echo "make test-real  run both sarcoma studies whole (data in ../shared/sts or RADPIPE_DATA)"
	@echo "make lint       ruff, mypy, import layers, snakemake --lint"
	@echo "make clean      take away the environment and what the tests left"

# pip compiles one module after the other, the libraries' own tests too: this is quicker.
# A library may hold a template that is no Python; that is no fault of the installation.
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt
COMPILE := $(BIN)/python -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib radpipe > /dev/null || true

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "radpipe: $$($(PYTHON) --version) found, Python 3.11 to 3.13 needed; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@$(COMPILE)
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(PIP) -e ".[$(ORACLE)test]"
	@$(COMPILE)
	@touch $@

demo: install
	$(BIN)/radpipe run studies/demo --cores $(CORES)

test: $(VENV)/.tested
	$(BIN)/python -m pytest -m "not whole and not workflows" -n 2 --dist loadfile --no-loadscope-reorder

test-pairs: $(VENV)/.tested
	RADPIPE_ALL_PAIRS=1 $(BIN)/python -m pytest -n 2 tests/models/test_models_pairs.py

test-workflows: $(VENV)/.tested
	$(BIN)/python -m pytest -m "workflows" tests/end_to_end

test-real: $(VENV)/.tested
	$(BIN)/python -m pytest -m "whole" -s

lint: $(VENV)/.tested
	$(PIP) -e ".[$(ORACLE)test,dev]"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.snakemake_lint

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
