# `make` alone lists what there is; the work is done by the scripts in tools/.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
MINUTES ?= 8
export HOST PORT

# Settings given as `make run DEMO=0` reach the programs: make hands its own variables on.
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test soak browser lint format types css messages migration requirements \
	bench screenshots

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS="$$(printf '\t')" read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

setup: ## build the environment in .venv, or bring it up to date
	@$(PYTHON) tools/setup.py --dev

run: ## set up, migrate, load the demo city once, serve it (HOST=, PORT=, DATABASE_URL=, DEMO=0)
	@$(PYTHON) tools/setup.py --quiet
	@exec $(VENV)/python tools/run.py

test: ## run every check and test; or the tests of one place: make test path=tests/unit
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/test.py $(if $(summary),--summary $(summary)) $(path)

soak: ## run the long profiles for MINUTES=8
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/test.py $(if $(summary),--summary $(summary)) --soak-minutes $(MINUTES)

browser: ## run the journeys in Chromium alone
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/test.py tests/browser

lint: ## check code, templates and import directions
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/test.py --only lint

format: ## format the code
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/ruff check --fix --quiet . ; $(VENV)/ruff format .

types: ## check the types
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/test.py --only types

css: ## cut Bootstrap Italia's stylesheet to what the templates use
	@command -v npm >/dev/null || { echo "The stylesheet is cut with Node: install node and npm first (apt-get install nodejs npm)."; exit 1; }
	@npm --prefix tools/css ci --ignore-scripts --silent
	@node tools/css/build.mjs

messages: ## collect the texts to translate and compile the catalogues
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/messages.py

migration: ## write a migration from what the models changed: make migration name=what_changes
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/migration.py $(name)

requirements: ## pin the requirements: requirements*.txt from requirements*.in
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/requirements.py

bench: ## measure the speed table of docs/performance.md
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python -m bench

screenshots: ## take pictures of the pages into var/screenshots
	@$(PYTHON) tools/setup.py --dev --quiet
	@$(VENV)/python tools/screenshots.py $(only)
