# Two commands matter: `make run` and `make test`. `make check` is the quick one while working.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
FAST := -m "not browser and not faults and not postgres"
POSTGRES := -m "postgres and not browser and not faults"
SLOW := -m "browser or faults"

.PHONY: run test check lint format build migrate clean help

help:
	@echo "make run    start Casso (installs, migrates and builds what is missing)"
	@echo "make test   install what tests need and run all of them"
	@echo "make check  format, lint, types and fast tests"

run: $(RUN_STAMP)
	@$(BIN)/python -m casso serve

migrate: $(RUN_STAMP)
	@$(BIN)/python -m casso migrate

build: $(RUN_STAMP)
	@$(BIN)/python -m casso build

test: $(DEV_STAMP)
	@$(BIN)/python tests/servers/install.py
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest $(FAST) -n 2
	@$(BIN)/python -m pytest $(POSTGRES) -n 2
	@$(BIN)/python -m casso build
	@$(BIN)/python -m pytest $(SLOW) -n 2 --dist loadfile

check: $(DEV_STAMP)
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest $(FAST) -n 2

lint: $(DEV_STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(DEV_STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	rm -rf .web .states

# The virtual environment with the product's packages; skipped while requirements.txt is unchanged.
$(RUN_STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Casso needs Python 3.11 or newer; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/bin/python" -m casso "$$@"\n' "$(CURDIR)" "$(CURDIR)/$(VENV)" > $(BIN)/casso
	@chmod +x $(BIN)/casso
	@touch $@

$(DEV_STAMP): requirements.txt requirements-dev.txt
	@$(MAKE) --no-print-directory $(RUN_STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
