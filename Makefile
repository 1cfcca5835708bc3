# make demo [INPUT=rain.mp4]   derain a clip; make test   lint, type-check and run every test; make docs   the site

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
PLUGIN_PACKAGES := $(patsubst %/__init__.py,%,$(wildcard plugins/*/*/__init__.py plugins/*/src/*/__init__.py))
PLUGIN_TESTS := $(wildcard plugins/*/tests)

.PHONY: demo test lint docs page clean

demo: $(VENV)/.installed
	@$(BIN)/vsrrg demo $(if $(INPUT),"$(INPUT)")

test: lint
	$(BIN)/python -m pytest tests $(wildcard training/tests) $(PLUGIN_TESTS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy vsrrg training/vsrrg_training $(PLUGIN_PACKAGES)

docs: $(VENV)/.installed-dev
	@$(BIN)/python -m sphinx -q -W --keep-going -c docs/site -d build/doctrees . build/docs
	@echo "The site is build/docs/index.html."

# Script and style of the page that vsrrg compare writes; needs node.
page:
	cd web && npm ci --no-audit --no-fund && npm run build

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing vsrrg and what it needs (a few minutes and several gigabytes the first time) ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml training/pyproject.toml $(PLUGINS:%=%/pyproject.toml) | $(BIN)/python
	@echo "Installing vsrrg with its development tools (a few minutes and several gigabytes the first time) ..."
	@$(PIP) -e '.[dev]' -e training $(PLUGINS:%=-e %)
	@touch $@

$(BIN)/python:
	@for python in $(PYTHON) python3.12 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
	    $$python -m venv $(VENV) || { rm -rf $(VENV); \
	      echo "$$python cannot make a virtual environment: install its venv module (python3-venv) and try again." >&2; \
	      exit 1; }; \
	    exit 0; \
	  fi; \
	done; \
	echo "vsrrg needs Python 3.12 or later: install it, or name it with make PYTHON=path/to/python." >&2; \
	exit 1
