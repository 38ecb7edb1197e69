# Everything a developer types. Needs python3 (>= 3.11), make and git; the rest comes into .venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
SERVICE ?=
ARGS ?=
JOB ?=
DATABASE ?= sqlite
JOBS ?= logical

VENV := .venv
PY := $(VENV)/bin/python
DONE := $(VENV)/.done
RUNTIME := $(DONE)/runtime
DEV := $(DONE)/dev
WORDS := $(DONE)/words

.PHONY: help setup demo test test-servers format bench faults promises screenshots messages lock clean
.PHONY: lint lint-style lint-types lint-imports lint-templates lint-security lint-migrations

help: ## Show this list
	@echo "Privacy Back Office"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: PORT=8000 (demo), ARGS='...' (test, bench), PYTHON=python3 (interpreter for .venv)"

setup: $(DEV) $(WORDS) ## Make .venv with everything for work and tests
	@echo "Ready. Next: make demo, or make test."

demo: $(RUNTIME) $(WORDS) ## Run the whole back office with sample people (PORT=8000; Ctrl-C stops it)
	@exec $(PY) manage.py demo --port $(PORT)

test: $(DEV) $(WORDS) ## Run all tests on SQLite, then the server part on PostgreSQL and Redis
	$(PY) -m pytest -n $(JOBS) --dist worksteal $(ARGS)
	@# Exit 5: none of the tests that ARGS chose needs the servers.
	$(PY) -m tests.tools.servers $(PY) -m pytest -n $(JOBS) --dist worksteal -m "servers and not faults" $(ARGS) || test $$? -eq 5

test-servers: $(DEV) $(WORDS) ## Run only the part on PostgreSQL and Redis
	$(PY) -m tests.tools.servers $(PY) -m pytest -n $(JOBS) --dist worksteal -m "servers and not faults" $(ARGS)

lint: lint-style lint-types lint-imports lint-templates lint-security lint-migrations ## Check the code (all checks: make -k lint)

lint-style: $(DEV)
	$(PY) -m ruff check --output-format concise .
	$(PY) -m ruff format --check .

lint-types: $(DEV)
	$(PY) -m mypy

lint-imports: $(DEV)
	$(VENV)/bin/lint-imports

lint-templates: $(DEV)
	$(VENV)/bin/djlint --lint --quiet templates

lint-security: $(DEV)
	$(VENV)/bin/bandit --quiet --recursive --confidence-level medium --configfile pyproject.toml compliance members disclosures

lint-migrations: $(DEV)
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py makemigrations --check --dry-run

format: $(DEV) ## Sort imports and format the Python code
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

bench: $(DEV) $(WORDS) ## Measure the main jobs (JOB=notices DATABASE=postgresql ARGS="--members 100000")
	$(if $(filter postgresql,$(DATABASE)),$(PY) -m tests.tools.servers) $(PY) -m tests.benchmarks $(if $(JOB),--only $(JOB)) $(ARGS)

faults: $(DEV) $(WORDS) ## Run the fault tests: killed workers, broken mail servers, lost brokers
	$(PY) -m pytest -m faults $(ARGS)
	@# Killed before every line (the suite takes some of the lines).
	KILL_STEP=1 $(PY) -m pytest -n $(JOBS) --dist worksteal tests/faults/test_kill_moving.py tests/faults/test_kill_dormancy_end.py tests/faults/test_kill_told.py \
		tests/faults/test_kill_destruction_lines.py tests/compliance/keyring/test_roll_killed.py
	$(PY) -m tests.tools.servers $(PY) -m pytest -m "faults and servers" $(ARGS)

promises: $(DEV) ## List promises without a proving test and promises without a live check
	@$(PY) -m tests.tools.promise_coverage $(if $(SERVICE),--service $(SERVICE),)

screenshots: $(DEV) $(WORDS) ## Photograph the main pages into docs/pictures
	$(PY) -m tests.tools.screenshots

messages: $(DEV) ## Bring the catalogues under locale/ up to date with the source (ARGS="--language ko")
	$(PY) -m tests.tools.catalogue $(ARGS)

lock: $(DEV) ## Resolve the requirements anew and write them with hashes
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" pyproject.toml --output-file requirements/runtime.txt
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" pyproject.toml --group dev --output-file requirements/dev.txt

clean: ## Remove the environment and caches (your data under var/ stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete 2>/dev/null || true

$(DONE)/tools:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(PY) || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@test -x $(VENV)/bin/uv || $(PY) -m pip install --quiet --disable-pip-version-check uv || echo "uv is not available here; pip does its work, only slower."
	@mkdir -p $(DONE) && touch $@

# uv first because it is fast; pip when uv is missing or cannot reach the packages. Both check every hash.
define install
	@echo "Installing $(1) ..."
	@{ test -x $(VENV)/bin/uv && VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r $(1); } \
		|| $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@touch $@
endef

$(RUNTIME): requirements/runtime.txt | $(DONE)/tools
	$(call install,requirements/runtime.txt)

$(DEV): requirements/dev.txt | $(DONE)/tools
	$(call install,requirements/dev.txt)

$(WORDS): $(wildcard locale/*/LC_MESSAGES/*.po) | $(DONE)/tools
	@if test -f $(DEV) || test -f $(RUNTIME); then $(PY) -m compliance.management.commands.compile_translations; fi
	@touch $@
