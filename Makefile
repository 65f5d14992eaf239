# `make run` and `make test` need Python 3.11 or later (with venv) and nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

EXPERIMENT ?= quick
ARGS ?=

.PHONY: run test check docs clean

run: $(READY)  ## all four verbs: make run EXPERIMENT=small-text ARGS="--corpus my/text"
	$(BIN)/lrd-bench run $(EXPERIMENT) $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest $(ARGS)

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(READY)  ## docs/cli.md, the output in the README, and the notebooks' own, from the commands themselves
	$(BIN)/python docs/write_cli.py
	$(BIN)/python docs/write_readme.py
	$(BIN)/python docs/write_tutorials.py

clean:
	rm -rf $(VENV) dist build

# Once, and again when what is installed changes.
$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): some minutes, the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@
