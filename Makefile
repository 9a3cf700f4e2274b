# Everything lives in .venv; the stamps make the installs happen once.
PYTHON ?= python3.11
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help chat test lint fix eval clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-6s %s\n", $$1, $$2}'

chat: .venv/app  ## install, build the index from corpus/, open the page in the browser
	$(BIN)/python app.py

test: .venv/dev  ## install, run all the tests
	$(BIN)/python -m pytest

lint: .venv/dev  ## ruff and mypy, as CI runs them
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

fix: .venv/dev  ## let ruff format and mend what it can
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

eval: .venv/dev  ## ask the development questions; fail if the figures are worse than the baseline
	$(BIN)/python -m eval run --data eval/questions/dev.jsonl --sources corpus --json reports/dev.json --html reports/dev.html
	$(BIN)/python -m eval compare eval/baseline.json reports/dev.json

clean:  ## remove the environment and the built index
	rm -rf .venv index/*/

.venv/app: pyproject.toml constraints.txt | .venv/made
	$(INSTALL) --editable .
	@touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/made
	$(INSTALL) --editable '.[dev]'
	@touch $@ .venv/app

.venv/made:
	@command -v $(PYTHON) >/dev/null || { echo "Pullquote needs Python 3.11 with venv: $(PYTHON) was not found. Set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@
