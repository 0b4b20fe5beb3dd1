# Renhold's commands. Prerequisites: Python >= 3.11, Node >= 20 and make.
# Everything is installed under this folder (.venv, node_modules, static/vendor); a stamp file in
# each remembers the step, so a second run starts at once.

PYTHON ?= python3
PY := .venv/bin/python
PO := $(wildcard translations/*/LC_MESSAGES/messages.po)
TRANSLATED := $(PO:.po=.mo)
export PYTHON

.PHONY: help run setup setup-dev test check format translations screenshots clean-setup
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:
	@echo "make run           start everything with demonstration data on http://127.0.0.1:8000"
	@echo "make test          install what the tests need and run them all"
	@echo "make check         format, lint, types and the import contract"
	@echo "make format        put the code in the form that make check asks for"
	@echo "make setup         install only"
	@echo "make translations  gather the marked texts into translations/*/LC_MESSAGES/messages.po"
	@echo "make screenshots   take the pictures of the README anew (needs Chromium)"

run: setup
	@.venv/bin/renhold up --demo

test: setup-dev check
	@scripts/install_browser.sh
	@scripts/run_tests.sh $(PYTEST_ARGS)

check: setup-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

format: setup-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# --- set-up -----------------------------------------------------------------------------------

setup: .venv/.run-installed static/vendor/.copied $(TRANSLATED)
setup-dev: .venv/.dev-installed static/vendor/.copied $(TRANSLATED)

.venv/.run-installed: requirements/run.txt scripts/install_python_packages.sh
	@scripts/check_prerequisites.sh
	@scripts/install_python_packages.sh requirements/run.txt
	@touch $@

.venv/.dev-installed: requirements/dev.txt .venv/.run-installed
	@scripts/install_python_packages.sh requirements/dev.txt
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc
	@scripts/check_prerequisites.sh
	@echo "Installing front-end packages …"
	@npm ci --loglevel=error
	@touch $@

static/vendor/.copied: node_modules/.installed scripts/copy_vendor_files.py
	@$(PYTHON) scripts/copy_vendor_files.py
	@touch $@

%.mo: %.po | .venv/.run-installed
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

clean-setup:
	rm -rf .venv node_modules static/vendor .setup-*

screenshots: setup-dev
	@scripts/install_browser.sh
	@$(PY) scripts/take_screenshots.py

# --- texts ------------------------------------------------------------------------------------

translations: setup
	$(PY) -m babel.messages.frontend extract --mapping-file pyproject.toml \
		--keywords lazy_gettext --keywords lazy_ngettext:1,2 --sort-by-file --no-location \
		--output-file .setup-messages.pot .
	$(PY) -m babel.messages.frontend update --input-file .setup-messages.pot \
		--output-dir translations --no-fuzzy-matching --ignore-obsolete
