# One command each. `make budget` goes from published counts to a workbook; `make help` lists the rest.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
LOCALITY ?= east_london
INPUTS := inputs/$(LOCALITY)/ABOUT.md
TESTS ?= tests

# modules are compiled once, not in every process
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help install budget test lint docs serve audit bench clean

help: ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 12

install: $(READY) ## the environment, from the lock

budget: $(INPUTS) ## budgets of East London, or of LOCALITY=name, with synthetic people and real counts
	$(BIN)/capitation run config/localities/$(LOCALITY).yaml

test: $(READY) ## every test that this machine can run
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -r fEs $(TESTS)

lint: $(READY) ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY) ## the documentation as a site in build/site, made offline; a broken link fails it
	$(BIN)/mkdocs build --strict --quiet

serve: $(READY) ## the page of runs, on this machine only
	$(BIN)/capitation serve

audit: $(READY) ## known vulnerabilities of the locked packages, from the public database
	$(BIN)/uv tool run pip-audit --strict --disable-pip --require-hashes -r requirements.lock

bench: $(INPUTS) ## measure times and memory, and write docs/benchmarks.md; one part with ONLY=name
	$(BIN)/python benchmarks/page.py $(ONLY)

clean: ## remove the environment and caches; inputs and runs stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet 'uv>=0.13,<1'
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(INPUTS): $(wildcard config/synth/$(LOCALITY).yaml config/synth/shared/* data/$(LOCALITY)/* data/england/* budget/synth/*.py) | $(READY)
	$(BIN)/capitation synth $(LOCALITY) --out $(@D)
