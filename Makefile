# `make run` and `make test` are the two that matter; each creates what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
BENCH_CLAIMS ?= 100000

.DEFAULT_GOAL := help
.PHONY: help setup dev run test test-long screenshots check lint audit fix lock bench peers clean

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.setup ## the virtual environment and the `denials` command

dev: $(VENV)/.dev ## the same, and what tests and checks need

$(VENV)/.setup: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Denial Desk needs Python 3.11 or newer; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

run: setup ## run the bot; without Slack tokens, in the built-in sandbox workspace
	@$(BIN)/python -m bot.launch

test: dev ## the whole test suite, PostgreSQL and (where a Chromium is) the browser included
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: dev ## what takes long: measured paces, large simulations
	$(BIN)/python -m pytest -m long

screenshots: dev ## the pictures in docs/images, made by the browser test
	SCREENSHOTS=docs/images REQUIRE_BROWSER=1 $(BIN)/python -m pytest -q tests/browser/test_story.py tests/browser/test_reviews.py tests/browser/test_report.py

check: lint audit ## lint, format, types, import rules, known vulnerabilities in dependencies

lint: dev ## the part of `make check` that needs no network
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Strict: a package that the service does not know, or a service that cannot be reached, is not a clean result.
audit: dev ## known vulnerabilities in dependencies
	@told="$$($(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict \
		--progress-spinner off 2>&1)" && echo "$$told" || { \
		case "$$told" in \
		*"known vulnerabilit"*) echo "$$told" ;; \
		*) echo "make audit: the vulnerability service could not be asked about every dependency," \
			"so nothing is known of them; run it where it can be reached" ;; \
		esac >&2; exit 1; }

fix: dev ## what lint and format can mend by themselves
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: dev ## pin the newest allowed versions of all dependencies
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra sandbox --generate-hashes \
		--no-emit-find-links --no-emit-index-url -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra sandbox --group dev --generate-hashes \
		--no-emit-find-links --no-emit-index-url -o requirements-dev.lock pyproject.toml

bench: dev peers ## readers side by side, the whole ingest, its memory; BENCH_CLAIMS=2000 is quick
	$(BIN)/python -m benchmarks.readers --claims $(BENCH_CLAIMS)
	$(BIN)/python -m benchmarks.exports --rows $(BENCH_CLAIMS)
	$(BIN)/python -m benchmarks.memory 10000 $(BENCH_CLAIMS) $(BENCH_CLAIMS)0

# An environment of their own: some of them bring pandas, and none is needed to work on Denial Desk.
peers: dev
	@test -e $(PEERS)/.setup -a ! pyproject.toml -nt $(PEERS)/.setup || { \
		$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(PEERS) && \
		$(BIN)/uv pip install --quiet --python $(PEERS)/bin/python --group peers && touch $(PEERS)/.setup; \
	} || echo "not all other readers could be installed; what is missing will be skipped"

clean: ## remove the environment and caches; data stays
	rm -rf $(VENV) $(PEERS) .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
