# Everything a person does with a clone of Tocsin. Needs Python 3.11 or newer and make; the rest is fetched, with hashes.
.DEFAULT_GOAL := help
.PHONY: help demo test check compiled lint fix bench lock clean

PYTHON  ?= python3
BIN     := .venv/bin
STAMP   := .venv/.installed
# The tests run side by side, in so many processes. The gate has one more than cores: some tests wait for others.
WORKERS ?= 2
ARGS    ?=

help:                 ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

# Made anew when the lock or the project's own description changes.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tocsin needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv: $(STAMP)       # kept as a name, so that `make .venv` says what it does

demo: $(STAMP)        ## the bot, a workspace with a page and models that drift, on this machine
	$(BIN)/tocsin demo

test: $(STAMP)        ## every test; what a machine lacks (PostgreSQL, Alertmanager) is skipped and named
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: lint           ## the one gate: format, lint, types, import rules, tests
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

compiled: $(STAMP)
	$(BIN)/python -m compileall -q bot plugins
	$(BIN)/python -m pytest -q --collect-only $(ARGS) > /dev/null

lint: $(STAMP)        ## the gate without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: $(STAMP)         ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)       ## figures, printed; asserted nowhere
	@for file in bench/*.py; do \
		case $$file in */_*) continue;; esac; \
		name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m bench.$$name $(ARGS) || exit 1; \
	done

lock: .venv/.uv       ## resolve requirements.lock anew
	.venv/.uv/bin/uv pip compile pyproject.toml --extra dev --extra postgres --extra oauth --extra holidays --extra ical --extra plots --extra email --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --upgrade --quiet \
		--custom-compile-command "make lock" --output-file requirements.lock > /dev/null

# The resolver has a corner of its own: it is no part of what runs.
.venv/.uv:
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check uv

# Opsgenie's client brings libraries of its own: the tests run it apart.
.venv/.opsgenie:
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check opsgenie-sdk==2.1.5

# What `mlflow server` imports, without its page, its trainers and their 500 MB.
.venv/.mlflow:
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check mlflow-skinny==3.17.2 aiohttp==3.14.5 alembic==1.20.1 \
		cryptography==50.0.2 Flask==3.1.3 Flask-CORS==6.0.5 Flask-WTF==1.3.0 huey==3.5.4 numpy==2.4.6 pandas==3.1.1 \
		SQLAlchemy==2.1.9 || { rm -rf $@; exit 1; }

# The plain way to evaluate, which the bench stands beside; the bot itself needs no scikit-learn.
.venv/.sklearn:
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 || { rm -rf $@; exit 1; }

clean:                ## remove what was made here, the .venv too
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
