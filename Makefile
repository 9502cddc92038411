# On a fresh machine: `make demo` or `make test`. Both set up what they need first.
.PHONY: setup test check demo chart-check kube-check compose-env compose-check sbom lock clean

setup:
	@scripts/setup.sh

check:
	@scripts/setup.sh dev
	@scripts/check.sh

test:
	@scripts/setup.sh dev
	@scripts/test.sh $(PYTEST)

demo: setup
	@scripts/demo.sh

chart-check:
	@scripts/setup.sh dev
	@scripts/chart_tools.sh
	@.venv/bin/python -m testing.chart check

# The chart installed, upgraded and rolled back on an API server, which is built the first time: ten minutes, 4 GB.
kube-check:
	@scripts/setup.sh dev
	@scripts/chart_tools.sh
	@scripts/kube_check.sh

lock:
	@scripts/lock.sh

# Secrets for docker-compose.yml, and where its API is: eval "$$(make -s compose-env)".
compose-env:
	@$$(scripts/find_python.sh) scripts/compose_env.py

# The images and the stack of docker-compose.yml, run for real and disturbed: root, an engine, ten minutes.
compose-check: setup
	@.venv/bin/python scripts/compose_check.py

# What the images carry, as CycloneDX: build/sbom/*.json.
sbom:
	@scripts/setup.sh dev
	@.venv/bin/python scripts/sbom.py

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
