# Two commands do all the set-up: `make agreement` and `make test`. They need python3 (with venv), pip, make and git.

PYTHON ?= python3
BIN := .venv/bin
CATALOGS := $(wildcard ksf_agreements/locale/*/LC_MESSAGES/ksf.po)

.PHONY: agreement test format bench torture web docs pictures lock messages clean

agreement: .venv/installed
	$(BIN)/ksf generate clusters/helse-omsorg-vest.yaml --out out
	@echo
	@echo "Eksempelavtalen ligger i out/helse-omsorg-vest.docx. Åpne den i Word eller LibreOffice."

test: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist loadfile

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/installed
	$(BIN)/python -m tests.bench

# Optional: Digdir's Designsystemet for the web pages, fetched by npm. Without it they have a style sheet of their own.
DESIGNSYSTEM := 1.22.0
web: .venv/installed
	@command -v npm >/dev/null || { echo "'make web' trenger npm (Node.js), for å hente Designsystemet. Nettsidene virker også uten."; exit 1; }
	npm install --silent --no-save --no-package-lock --ignore-scripts --prefix build/web @digdir/designsystemet-css@$(DESIGNSYSTEM)
	$(BIN)/python -m tests.web.designsystem build/web

# The register under hard use: killed writers, many writers, tampering, backups under load. Some minutes.
torture: .venv/installed
	$(BIN)/python -m tests.torture

# Optional, for one more row of the benchmark; needs node and npm.
bench-docxtemplater:
	npm install --silent --no-save --prefix build/bench docxtemplater@3 pizzip@3

# The pages that the program writes of itself.
docs: .venv/installed
	$(BIN)/python -m tests.reference

# The pictures of the user guide, taken of the real pages; needs Chromium and LibreOffice.
pictures: .venv/installed
	$(BIN)/python -m tests.web.pictures

# The lock file carries hashes for every platform and no index address.
lock: .venv/installed
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --extra signed --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file requirements.lock

# Collect the msgids anew and add them to the catalogs, for translators.
messages: .venv/installed
	@mkdir -p build
	$(BIN)/pybabel --quiet extract -F pyproject.toml --no-location --sort-output --omit-header -k T -k TN:1,2 -k N -o build/ksf.pot ksf_agreements
	for language in nb nn; do $(BIN)/pybabel --quiet update --no-fuzzy-matching --omit-header --ignore-obsolete -D ksf \
		-i build/ksf.pot -d ksf_agreements/locale -l $$language; done
	$(BIN)/python hatch_build.py

.venv/installed: requirements.lock pyproject.toml hatch_build.py $(CATALOGS)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf .venv out dist build
