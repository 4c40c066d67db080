PORT ?= 8000
PYTHON := .venv/bin/python
SHOP := $(PYTHON) -m app.cli
# Pinned, so that a new lock differs from the old one by versions and not by its writer.
UV := uv==0.13.9

.DEFAULT_GOAL := help
.PHONY: help run demo test test-all promises checks bench openapi landed lock ready \
	system-packages test-packages slow-packages

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ready ## run the whole shop on 127.0.0.1, PORT=8000; Ctrl-C stops it, the data stay in var/
	@exec $(SHOP) dev --port $(PORT)

demo: ready ## play the whole story over HTTP against a running shop; papers in var/demo/
	@exec $(SHOP) demo

test: checks test-packages ## everything that must hold before a change goes in
	@echo "== tests"
	@SHOP_TEST_SEED=$${SHOP_TEST_SEED:-1} $(PYTHON) -m pytest -q -n 3 -m "not slow"

test-all: checks test-packages slow-packages ## the same, the exhaustive tests, and ten times the examples; SHOP_TEST_PART=1/4 does a quarter
	@echo "== tests, the slow ones included"
	@$(PYTHON) -m pytest -q -n 3 --hypothesis-profile=many

promises: ready test-packages ## run the tests of the policies' promises and print which are kept
	@$(PYTHON) -m tests.promises

bench: ready ## measure; writes benchmarks/results.md
	@$(PYTHON) -m benchmarks

openapi: ready ## rewrite openapi.yaml from the code
	@$(SHOP) openapi

landed: ## list new migrations in migrations/landed.sha256; refused when one that is listed has changed
	@sha256sum --check --quiet migrations/landed.sha256
	@for file in migrations/versions/*.py; do \
		grep -q "  $$file\$$" migrations/landed.sha256 || sha256sum $$file >> migrations/landed.sha256; done

lock: ready ## bring requirements.lock to pyproject.toml; UPGRADE=--upgrade takes the newest versions
	@$(PYTHON) -m pip install --quiet "$(UV)"
	@$(PYTHON) -m uv --no-config pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		$(UPGRADE) --generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock
	@$(PYTHON) -m pip uninstall --quiet --yes uv # a test holds what is installed against the lock
	@echo "requirements.lock is written; make test installs it"

checks: ready
	@echo "== format"
	@$(PYTHON) -m ruff format --check .
	@echo "== lint"
	@$(PYTHON) -m ruff check .
	@echo "== types"
	@$(PYTHON) -m mypy
	@echo "== layers"
	@.venv/bin/lint-imports
	@echo "== contract"
	@$(SHOP) openapi --check

ready: system-packages .venv/installed

# What the lock says is what is installed, here as in the image; the file's date tells whether it still is.
.venv/installed: requirements.lock pyproject.toml
	@python=; for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$candidate; break; fi; done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3 python3-venv)" >&2; \
		exit 1; fi; \
	if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		echo "== virtual environment in .venv"; $$python -m venv --clear .venv; fi
	@echo "== locked dependencies (the first time takes some minutes)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

system-packages test-packages slow-packages:
	@command -v dpkg-query >/dev/null || exit 0; missing=; \
	for package in $$(cat .ci/$@.txt); do \
		dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
		echo "== $(subst -, ,$@):$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing; \
	else \
		echo "Some $(subst -, ,$@) are missing; install them and call make again:" >&2; \
		echo "  sudo apt-get install --no-install-recommends$$missing" >&2; \
		exit 1; \
	fi
