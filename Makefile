# On a machine with Python ≥ 3.11 and make, `make demo` and `make test` are all one needs.
# 只要装有 Python 3.11 以上和 make，`make demo` 与 `make test` 两条命令就够了。

PYTHON ?= python3
DEMO_DIR ?= demo

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Files that say what is installed: touched when it is, so that a second call is quick.
VENV_READY := $(VENV)/.made
APP_READY := $(VENV)/.app-installed
DEV_READY := $(VENV)/.dev-installed
BENCH_READY := $(VENV)/.bench-installed

# Both, because newer pip no longer applies the first to what builds the package.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt

# Each of the many programs that the tests start would compile the whole package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-fast lint types messages bench bench-quick smoke clean

demo: $(APP_READY)  ## a sample bureau end to end, in ./demo
	$(BIN)/syncer demo "$(DEMO_DIR)"

test: $(DEV_READY)  ## the whole suite
	.ci/install-test-tools
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-fast: $(DEV_READY)  ## what takes seconds only
	$(BIN)/python -m pytest -m "not slow and not office and not validator"

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_READY)
	$(BIN)/mypy

messages: $(APP_READY)  ## docs/messages.md, from the catalogue
	$(BIN)/syncer explain --page docs/messages.md

# Offices are made once and kept in the user's cache folder; BENCH='--corpus DIR' puts them elsewhere, BENCH='--only C2' measures a part.
bench: $(BENCH_READY)  ## times, side by side with what one would run instead: docs/speed.md anew (an hour or more)
	$(BIN)/python -m benchmarks.speed $(BENCH)

bench-quick: $(BENCH_READY)  ## the smallest office with the peers, and one save in the middle one
	$(BIN)/python -m benchmarks.speed --quick $(BENCH)

# The wheel by itself, as a user has it: a fresh environment, outside the checkout.
smoke: $(DEV_READY)
	@set -eu; room=$$(mktemp -d); trap 'rm -rf "$$room"' EXIT; \
	$(PIP) wheel --no-deps --wheel-dir "$$room" .; \
	$(BIN)/python -m venv "$$room/venv"; \
	"$$room/venv/bin/python" -m pip --disable-pip-version-check --quiet install "$$room"/syncer-*.whl; \
	cd "$$room"; venv/bin/syncer demo bureau

clean:  ## everything made here, the environment too
	rm -rf $(VENV) .tools demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV_READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 以上（make PYTHON=… 可指定） / Python 3.11 or newer is needed (make PYTHON=…)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Debian/Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(APP_READY): $(VENV_READY) pyproject.toml constraints.txt
	$(PIP) install --editable .
	@touch $@

$(DEV_READY): $(VENV_READY) pyproject.toml constraints.txt
	$(PIP) install --editable ".[dev]"
	@touch $@ $(APP_READY)

$(BENCH_READY): $(DEV_READY)
	$(PIP) install --editable ".[dev,bench]"
	@touch $@
