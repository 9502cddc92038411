# On a fresh machine: `make demo` or `make test`. Both set up what they need first.
.PHONY: setup test check demo chart-check lock clean

setup:
	@scripts/setup.sh

check:
	@scripts/setup.sh dev
	@scripts/check.sh

test: check
	@.venv/bin/python -m pytest -n auto --durations=20 $(PYTEST)

demo: setup
	@scripts/demo.sh

chart-check:
	@scripts/setup.sh dev
	@scripts/chart_tools.sh
	@.venv/bin/python -m testing.chart check

lock:
	@scripts/lock.sh

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
