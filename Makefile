# Build, run and test Comity from a checkout. Needs make, python3 >= 3.11 (with venv) and nothing else.
# Everything lands in .venv and out/ of this checkout; `make clean` takes both away.

PYTHON ?= python3
SCENARIO ?= latakia
LOCK_OPTIONS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off
LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all: --requirement
STAGES := 4
# Two at a time; a file's tests stay together, so that what they share is made once.
BESIDE := -n 2 --dist loadfile --no-loadscope-reorder

MADE := $(VENV)/.made
RUN_READY := $(VENV)/.run-ready
TEST_READY := $(VENV)/.test-ready

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run test test-long lint format lock clean

# An environment copied along with the tree would run the other checkout's code: begin anew.
ifneq ($(wildcard $(MADE)),)
ifneq ($(shell cat $(MADE)),$(CURDIR))
.PHONY: $(MADE)
endif
endif

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_READY) ## run an exercise: make run [SCENARIO=latakia]
	@echo "[3/3] exercise $(SCENARIO)"
	@$(BIN)/comity exercise run $(SCENARIO)

test: STAGES := 6
test: lint ## every check and every test but the long ones
	@echo "[5/6] tests side by side"
	@$(BIN)/python -m pytest -q $(BESIDE) -m "not serial and not long"
	@echo "[6/6] tests that measure time, one at a time"
	@$(BIN)/python -m pytest -q -m "serial and not long"

test-long: STAGES := 6
test-long: lint ## every check and every test
	@echo "[5/6] tests side by side, long ones too"
	@$(BIN)/python -m pytest -q $(BESIDE) -m "not serial" --hypothesis-profile=long
	@echo "[6/6] tests that measure time, one at a time, long ones too"
	@$(BIN)/python -m pytest -q -m "serial" --hypothesis-profile=long

lint: $(TEST_READY) ## style, types and the direction of imports
	@echo "[1/$(STAGES)] ruff check"
	@$(BIN)/ruff check
	@echo "[2/$(STAGES)] ruff format"
	@$(BIN)/ruff format --check
	@echo "[3/$(STAGES)] mypy"
	@$(BIN)/mypy
	@echo "[4/$(STAGES)] lint-imports"
	@$(BIN)/lint-imports --no-logo

format: $(TEST_READY) ## lay the code out and repair what can be repaired
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lock: ## pin every dependency: make lock [LOCK_OPTIONS=--upgrade] [PYTHON=python3.11]
	@PYTHON=$(PYTHON) tools/lock $(LOCK_OPTIONS)

clean: ## remove the environments, the caches and out/
	@rm -rf $(VENV) .venv-lock out build dist .hypothesis .*_cache
	@find src tests -type d -name __pycache__ -prune -exec rm -rf {} +

$(MADE):
	@tools/check-python $(PYTHON)
	@echo "[1/3] environment in $(VENV)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@echo "$(CURDIR)" > $@

$(RUN_READY): $(MADE) requirements.lock pyproject.toml
	@echo "[2/3] $$(grep -c '^[a-z].*==' requirements.lock) pinned packages (half a minute or more)"
	@$(LOCKED) requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The foreign witness runs as a process of its own, from a folder of its own: nothing here imports it. It
# asks for a newer Python than it needs; the tests find out whether it runs on this one.
$(TEST_READY): $(RUN_READY) requirements-test.lock requirements-foreign.lock
	@echo "[3/3] $$(grep -c '^[a-z].*==' requirements-test.lock) pinned packages, test tools among them"
	@$(LOCKED) requirements-test.lock
	@rm -rf $(VENV)/foreign
	@$(LOCKED) requirements-foreign.lock --no-deps --ignore-requires-python --target $(VENV)/foreign
	@touch $@
