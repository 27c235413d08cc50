# The few commands a person needs. Everything stands on `make install`: a .venv here, from the hashed lock.

.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
STAMP := .venv/.installed

.PHONY: help install run demo test quick proof mutation check bench lock sbom vulnerabilities format clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/\1|\2/' | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

install: $(STAMP) ## set everything up in .venv, from the hashed lock

# pip is in the lock as well: the one that a new .venv has is as old as the interpreter, and a newer one needs its hash.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "panelbot needs Python 3.11 or newer: install python3.11 (or newer) first"; exit 1; }
	@sh .ci/system-packages venv "$(PYTHON)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

run: install ## start the bot (practice mode when no Slack tokens are set)
	@.venv/bin/panelbot run

demo: install ## play one whole panel cycle and leave its documents in demo-output/
	@.venv/bin/panelbot demo --out demo-output

check: install ## layers, types and style
	@.venv/bin/ruff check bot tests bench
	@.venv/bin/ruff format --check bot tests bench
	@.venv/bin/mypy
	@.venv/bin/lint-imports

# Four at a time: tests wait for a browser, a socket or a second to pass about half the time.
test: install check ## every check and every test
	@sh .ci/system-packages browser
	@.venv/bin/python -m pytest -n 4 -m "not proof"

proof: install ## the full-size proofs, of which `make test` runs a share
	@sh .ci/system-packages office
	@.venv/bin/python -m pytest -n 2 -m proof

quick: install ## the tests that take under a minute together
	@.venv/bin/python -m pytest -n 4 -m "not slow and not proof"

mutation: install ## take away each access check in turn and see that a test fails (hours)
	@.venv/bin/python -m tests.proof.mutation

bench: install ## measure what docs/speed.md claims
	@.venv/bin/python -m bench

lock: install ## resolve pyproject.toml into requirements.lock again
	@.venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --group dev pyproject.toml -o requirements.lock

sbom: install ## list all parts with versions and licences in sbom.cdx.json (CycloneDX)
	@.venv/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o sbom.cdx.json .venv/bin/python
	@echo "sbom.cdx.json lists what is installed in .venv."

# Strict, since otherwise packages that the database does not know count as sound.
vulnerabilities: install ## ask the public database for known vulnerabilities of what is locked
	@if found=$$(.venv/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements.lock 2>.venv/vulnerabilities.log); then \
		echo "No known vulnerabilities in requirements.lock."; \
	elif test -n "$$found"; then \
		echo "$$found"; exit 1; \
	else \
		echo "Nothing was checked: the vulnerability database can't be reached from here, or doesn't know a package."; \
		echo "Run it again where the internet can be reached. The reason is in .venv/vulnerabilities.log."; exit 1; \
	fi

format: install ## lay the code out as the style check wants it
	@.venv/bin/ruff check --fix bot tests bench
	@.venv/bin/ruff format bot tests bench

clean: ## remove what the commands above made
	rm -rf .venv demo-output sbom.cdx.json .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
