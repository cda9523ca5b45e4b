# Two commands are enough: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION := us-east-1

# The newest suitable Python: 3.13 is what the Lambdas run on, and the emulator runs them with it.
PYTHON ?= $(shell for p in python3.13 $(HOME)/.pyenv/versions/3.13*/bin/python3 python3.12 python3.11 python3; do \
  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
PY := .venv/bin/python
SAM := .venv/sam/bin
MINUTES ?= 3
PAGE_SOURCES := $(shell find agent_ccp -path agent_ccp/node_modules -prune -o -path agent_ccp/dist -prune -o -type f -print)

.PHONY: help setup demo demo-clean story rehearse test lint check-page mutants faults bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.ready agent_ccp/dist/index.html ## install everything into .venv and node_modules; starts nothing

.venv/.ready: requirements-dev.txt functions/requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (3.13 is best); none was found."; exit 1; }
	@echo "Setting up with $$($(PYTHON) --version) ..."
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(PYTHON) -m venv .venv/sam
	$(SAM)/python -m pip install --quiet --disable-pip-version-check -r requirements-sam.txt
	@touch $@

agent_ccp/node_modules/.ready: agent_ccp/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer is needed for the agent page; npm was not found."; exit 1; }
	cd agent_ccp && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

agent_ccp/dist/index.html: agent_ccp/node_modules/.ready $(PAGE_SOURCES)
	cd agent_ccp && npm run --silent build
	@touch $@

demo: setup ## the whole channel on this machine; prints its URLs (Ctrl-C stops it)
	@exec $(PY) -m local

demo-clean: ## forget what the demo kept
	rm -rf .local/demo

story: setup ## one mail's whole journey, step by step with its time, without a person
	@$(PY) -m local.story

rehearse: setup ## sam build, sam deploy --guided, update, rollback, delete, against the emulator
	@$(PY) -m local.rehearse

lint: .venv/.ready ## style, types, templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(SAM)/sam validate --lint
	$(PY) -m local.deploy template.yaml > .venv/translated.json
	$(SAM)/cfn-lint --regions us-east-1 -- .venv/translated.json examples/app_conversation/template.yaml

check-page: agent_ccp/dist/index.html ## types and unit tests of the agent page
	cd agent_ccp && npm run --silent check

test: setup lint check-page ## everything that must hold (aim: under ten minutes)
	@# In three runs: a process that has made hundreds of stacks has grown by gigabytes.
	$(PY) -m pytest -n 2 --dist loadfile tests/unit tests/adapters tests/journeys
	$(PY) -m pytest -n 2 --dist loadfile tests/abuse tests/cli tests/deploy
	@# Browsers and clocks of a busy machine: one that fails is tried once more, and listed as RERUN.
	$(PY) -m pytest -n 2 --dist loadfile --reruns 1 tests/local tests/page tests/faults tests/load

mutants: setup ## take away each guard in turn: a named test must notice
	@$(PY) -m tests.mutants

faults: setup ## the long suites (MINUTES=3 for each kind): faults at AWS calls, guards taken away, template faults; load
	@status=0; \
	$(PY) -m tests.faults --part 1/2 --minutes $(MINUTES) > .venv/faults.txt 2>&1 & other=$$!; \
	$(PY) -m tests.faults --part 0/2 --minutes $(MINUTES) || status=1; \
	wait $$other || status=1; cat .venv/faults.txt; \
	exit $$status
	@# Load mostly waits for Connect's pace: the rest is done meanwhile.
	@status=0; \
	$(PY) -m tests.load > .venv/load.txt 2>&1 & load=$$!; \
	$(PY) -m tests.mutants --minutes $(MINUTES) || status=1; \
	$(PY) -m tests.seeded --part 1/2 --minutes $(MINUTES) > .venv/seeded.txt 2>/dev/null & other=$$!; \
	$(PY) -m tests.seeded --part 2/2 --minutes $(MINUTES) 2>/dev/null || status=1; \
	wait $$other || status=1; cat .venv/seeded.txt; \
	wait $$load || status=1; cat .venv/load.txt; \
	exit $$status

bench: setup ## how long things take here
	@$(PY) bench/journey.py
	@$(PY) bench/parse.py
	@$(PY) bench/costs.py

clean: ## remove what setup and the demo made
	rm -rf .venv .local .aws-sam agent_ccp/node_modules agent_ccp/dist
