# `make` says what there is to do. Everything is installed into .venv; nothing outside this folder
# changes but missing system packages (scripts/system_packages.py).

PYTHON ?= python3
PORT ?= 8000
JOBS ?= 2
PYTEST_ARGS ?=

BIN := .venv/bin
BASE := .venv/.base-installed
DEV := .venv/.dev-installed
# What testing needs stays installed where it once was.
WITH_DEV = $(if $(wildcard $(DEV)),requirements/dev.txt)
CODE := servicedesk config.py wsgi.py tests scripts
LANGUAGES := servicedesk/translations
PO := $(wildcard $(LANGUAGES)/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

# An environment made in another folder, or whose Python has gone, is made anew.
ifeq ($(shell test -x $(BIN)/python && grep -sF -- " $(CURDIR)/.venv" .venv/pyvenv.cfg),)
.PHONY: .venv/pyvenv.cfg
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# $(call install,requirement files): exactly these and nothing else, with pip where uv cannot go.
define install
test -x $(BIN)/uv && $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $(1) \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(1:%=-r %)
endef

##@ Two commands

.PHONY: demo
demo: setup ## A desk with three months of history on http://127.0.0.1:8000 (PORT=9000)
	@exec env DESK_VAR=var/demo DATABASE_URL=sqlite:///var/demo/desk.db \
		$(BIN)/flask desk demo --port $(PORT)

.PHONY: test
test: setup-dev ## The whole suite: SQLite, PostgreSQL, a browser (PYTEST_ARGS="-k clock -n 0")
	@$(PYTHON) scripts/system_packages.py test
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS)

##@ Installing

.PHONY: setup
setup: $(BASE) $(MO) ## Install what running the desk needs
	@:

.PHONY: setup-dev
setup-dev: $(BASE) $(DEV) $(MO) ## Install what testing and checking need as well
	@:

.venv/pyvenv.cfg:
	@$(PYTHON) scripts/system_packages.py run
	@echo "Making .venv …"
	@$(PYTHON) -m venv --clear .venv

$(BASE): .venv/pyvenv.cfg requirements/base.txt requirements/uv.txt scripts/system_packages.py
	@$(PYTHON) scripts/system_packages.py run
	@echo "Installing requirements/base.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/uv.txt || echo "uv cannot be installed here; going on with pip."
	@$(call install,requirements/base.txt $(WITH_DEV))
	@touch $@ $(if $(WITH_DEV),$(DEV))

$(DEV): $(BASE) requirements/dev.txt
	@echo "Installing requirements/dev.txt …"
	@$(call install,requirements/base.txt requirements/dev.txt)
	@touch $@

%.mo: %.po | $(BASE)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

##@ Running

.PHONY: run
run: setup ## Serve the desk of DATABASE_URL (PORT=9000)
	@$(BIN)/flask desk init
	@exec $(BIN)/flask desk serve --port $(PORT)

##@ Checking

.PHONY: check
check: lint test ## Everything a change has to pass

.PHONY: lint
lint: setup-dev ## Format, lint, types and import directions
	@status=0; \
	$(BIN)/ruff format --check --quiet $(CODE) || { echo "Run make format."; status=1; }; \
	$(BIN)/ruff check --quiet $(CODE) || status=1; \
	$(BIN)/mypy $(CODE) || status=1; \
	$(BIN)/lint-imports --no-logo || status=1; \
	exit $$status

.PHONY: format
format: setup-dev ## Format the code and sort its imports
	@$(BIN)/ruff check --quiet --select I --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

.PHONY: bench
bench: setup-dev ## Time what has to be fast (tests/bench)
	@if test -d tests/bench; then \
		$(BIN)/python -m pytest --quiet --capture=no -o faulthandler_timeout=0 -o python_files='bench_*.py' tests/bench; \
	else echo "There is nothing in tests/bench yet."; fi

.PHONY: torture
torture: setup-dev ## Killed workers and the like (tests/torture), then properties with many more examples
	@$(BIN)/python -m pytest --quiet --capture=no -n 0 -o python_files='torture_*.py' tests/torture
	@HYPOTHESIS_PROFILE=torture $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "hypothesis or slow" $(PYTEST_ARGS)

##@ Keeping

.PHONY: lock
lock: setup ## Pin requirements/*.in into *.txt with hashes (UPGRADE=1 for newer ones)
	@$(COMPILE) requirements/uv.in --output-file requirements/uv.txt
	@$(COMPILE) requirements/base.in --output-file requirements/base.txt
	@$(COMPILE) requirements/dev.in --output-file requirements/dev.txt

.PHONY: translations
translations: setup ## Bring the .po files up to the texts in code and templates
	@mkdir -p var
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --no-wrap --sort-output --project servicedesk \
		--add-location file --output-file var/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file var/messages.pot --output-dir $(LANGUAGES) \
		--locale ja --init-missing --no-fuzzy-matching --ignore-obsolete --no-wrap \
		--ignore-pot-creation-date

.PHONY: clean
clean: ## Remove .venv and caches; var/ with its desks stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache $(MO)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
