# Every target works on a bare clone with only python3 and make: the environment is built when it is missing.
# Libraries are compiled to bytecode at once, and seglib when it is first used: kernels then start three times faster.
STUDY ?= demo
QUARTER ?=
FROM ?=
TO ?=
SEED ?= 0
WORKERS ?= 3
PYTHON ?= python3 python3.15 python3.14 python3.13 python3.12 python3.11
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 16))
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m seglib
STAMP := $(VENV)/.complete
SITE := .venv-site
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env report history lab fetch init test test-wide test-long bench lint types format lock wheels notebooks faults references house site slides release clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-11s %s\n", $$1, $$2}'
	@echo
	@echo "  Variables: STUDY=$(STUDY) QUARTER=2026Q3 FROM=04 (report) or FROM=2011Q1 TO=2011Q3 (history) SEED=$(SEED)"

$(STAMP): requirements.lock pyproject.toml
	@test ! -x $(BIN)/python || $(BIN)/python -c '$(FITS)' || { \
	  echo "seglib needs Python 3.11 to 3.15 - $(VENV) - found: $$($(BIN)/python -V 2>&1) - do: remove the folder $(VENV)" >&2; exit 4; }
	@test -x $(BIN)/python || { \
	  for python in $(PYTHON); do $$python -c '$(FITS)' 2>/dev/null && exec $$python -m venv $(VENV); done; \
	  found=$$($(firstword $(PYTHON)) -V 2>&1) || found=none; \
	  echo "seglib needs Python 3.11 to 3.15 - $(firstword $(PYTHON)) - found: $$found - do: name one, such as make env PYTHON=/usr/bin/python3.13" >&2; exit 4; }
	@echo "building the environment in $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null \
	  && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

env: $(STAMP) ## build the environment in .venv

report: $(STAMP) ## make the report of a quarter (STUDY, QUARTER, FROM=04 to resume)
	@$(RUN) report --study $(STUDY) $(if $(QUARTER),--quarter $(QUARTER)) $(if $(FROM),--from $(FROM)) --seed $(SEED)

history: $(STAMP) ## make several quarters in order (STUDY, FROM=2011Q1, TO=2011Q3)
	@$(RUN) history --study $(STUDY) --from "$(FROM)" --to "$(TO)" --seed $(SEED)

lab: $(STAMP) ## open JupyterLab with the study's run ready (STUDY, QUARTER)
	@$(RUN) lab --study $(STUDY) $(if $(QUARTER),--quarter $(QUARTER)) --seed $(SEED)

fetch: $(STAMP) ## download a public data set (NAME=online_retail)
	@$(RUN) fetch $(NAME)

init: $(STAMP) ## propose a plan for a file of orders (FILE=my_orders.csv STUDY=acme COLUMNS='ordered_at="Close Date"')
	@set -- $(COLUMNS); for each; do set -- "$$@" --column "$$each"; shift; done; $(RUN) init "$(FILE)" --study $(STUDY) "$$@"

test: $(STAMP) lint ## everything once: style, unit tests, doctests, architecture, notebooks, real data (COVERAGE=90: that share of lines)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long and not wide" $(if $(COVERAGE),--cov=seglib --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)) -q

test-wide: $(STAMP) types ## types, further forms of what make test tries once, and slow whole runs
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "wide and not long" -q

test-long: $(STAMP) ## long simulations and kill sweeps
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long -q

bench: $(STAMP) ## measure speed and memory, write docs/benchmarks.md (LIFETIMES_PYTHON, RETENTIONEERING_PYTHON: peers)
	@$(BIN)/python tests/benchmarks/bench.py

lint: $(STAMP)
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .

types: $(STAMP) ## the types alone
	@$(BIN)/mypy --no-error-summary

format: $(STAMP) ## put the code in shape
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

lock: $(STAMP) ## compile requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-emit-index-url --no-annotate --no-header --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/python tests/resolve_wheels.py

wheels: $(STAMP) ## find the lock's wheels for every Python and machine, store them in tests/wheels.json
	@$(BIN)/python tests/resolve_wheels.py

notebooks: $(STAMP) ## run the demo, store its outputs in the notebooks and the hashes of what it hands on
	@$(BIN)/python tests/store_outputs.py

faults: $(STAMP) ## write docs/faults.md from the names of the tests
	@$(BIN)/python tests/faults.py

site: $(STAMP) ## build the documentation in build/site, with a search that works offline
	@test -x $(SITE)/bin/zensical || { $(BIN)/python -m venv $(SITE) && $(BIN)/uv pip install --quiet --python $(SITE)/bin/python --group docs; }
	@$(BIN)/python tests/build_site.py
	@$(SITE)/bin/zensical build --strict --clean --config-file build/mkdocs.yml
	@$(BIN)/python tests/build_site.py finish && echo build/site/index.html

references: $(STAMP) ## write plan, codes, commands and api in docs/, and the tables in data/README.md, from the code
	@for page in plan codes commands api tables; do $(BIN)/python tests/reference_$$page.py || exit; done

slides: $(STAMP) ## make slides from the notebooks in build/slides, everything in them (NOTEBOOK=class/ada/week_2/04_clustering.ipynb)
	@$(BIN)/python tests/build_slides.py $(NOTEBOOK)

release: $(STAMP) ## write the version, build and check wheel and source archive in dist, commit and tag (VERSION=0.2.0); uploads nothing
	@$(BIN)/python tests/release.py $(VERSION)

house: $(STAMP) ## count what a newcomer has to learn: modules, lines, public names, names with one use
	@$(BIN)/python tests/house.py

clean: ## remove the environment and everything that was computed
	@rm -rf $(VENV) $(SITE) build .pytest_cache .mypy_cache .ruff_cache data/*/runs
