# On a fresh machine: `make demo` or `make test`. Both set up what they need first.
.PHONY: setup test check demo lock clean

setup:
	@scripts/setup.sh

check: setup
	@scripts/check.sh

test: check
	@.venv/bin/python -m pytest $(PYTEST)

demo: setup
	@scripts/demo.sh

lock:
	uv pip compile pyproject.toml --extra server --extra plot --extra dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet --output-file requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
