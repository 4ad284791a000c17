# On Windows without make: py start.py run
PYTHON ?= python3
ARGS ?=
BENCHES ?= clauses moderation inbox first_audio gaps stage embedded first_minutes startup retract platforms panels acknowledged drills \
	commands votes rehearse director obs_cue
# Addresses of indexes stay out of the locks: they work with any mirror.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

.PHONY: run test setup bench clean lock

run:
	@$(PYTHON) start.py run $(ARGS)

test:
	@$(PYTHON) start.py test $(ARGS)

setup:
	@$(PYTHON) start.py setup

# Each benchmark prints one JSON object.
bench:
	@$(PYTHON) start.py setup --dev
	@for name in $(BENCHES); do .venv/bin/python -m bench.$$name || exit 1; done

# Takes away what was built; the weights in the user's cache stay.
clean:
	rm -rf .venv out overlay/dist overlay/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Pin the newest versions that fit pyproject.toml, for Linux, macOS and Windows alike.
lock:
	$(COMPILE) --upgrade pyproject.toml --extra all --group build -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --extra all --group build --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --upgrade --group node -o requirements-node.lock
	$(COMPILE) --upgrade --group uv -o requirements-uv.lock
