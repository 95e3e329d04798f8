# `make` lists what can be made. Everything lives in .venv; nothing else on the machine is changed,
# except that the browser tests install Chromium where they may.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 5006

# Python keeps what it has compiled: a test of the command line else compiles all sources again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup browser serve check test lint kernels bench clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## make .venv and install the app and its test tools

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

browser: setup ## find or install a Chromium for the browser tests
	@$(BIN)/python tests/browser/find_chromium.py --install

serve: setup ## serve the app on http://localhost:5006/dtb_app
	$(BIN)/dtb serve --port $(PORT)

check: setup ## lint, and the tests that take a moment
	@$(MAKE) --no-print-directory --jobs=2 lint kernels
	$(BIN)/python -m pytest -n 2 --max-worker-restart 0 -m "not browser and not reference and not slow"

test: browser ## run all tests, browser included
	$(BIN)/python -m pytest -n 2 --max-worker-restart 0 -m "not browser"
	$(BIN)/python -m pytest tests/browser

lint: setup ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

kernels: setup
	@$(BIN)/python -m tests.kernels

bench: setup ## print what things cost, as one table
	$(BIN)/dtb bench

clean: ## remove what was made
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis runs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
