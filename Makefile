# Needs Linux with bash, git, make and Python 3.11; everything else is prepared at the first call and kept in
# SLIPWAY_CACHE (default: ~/.cache/slipway).
.DEFAULT_GOAL := help
.PHONY: help new test check bench format lock clean

narrowed = $(if $(LAYER),--layer '$(LAYER)') $(if $(LANGUAGE),--language '$(LANGUAGE)') $(ARGS)

help:
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { print substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Use the template
new: ## generate a service into DEST, asking; without a terminal by ANSWERS="language=node ..."
	@tests/setup copier hooks/new

##@ Work on the template
test: ## prove everything; narrow it by LAYER=service, LANGUAGE=node, ARGS="-k name"
	@tests/setup test pytest $(narrowed)

check: ## render and lint, within a minute
	@tests/setup check pytest $(narrowed) --layer render

bench: ## measure against the yardsticks into docs/benchmarks.md; ARGS="generation service"
	@PYTHONPATH=tests tests/setup test python -m benchmarks $(ARGS)

format: ## format our Python and shell
	@tests/setup check ruff check --quiet --fix --exit-zero
	@tests/setup check ruff format --quiet
	@tests/setup check shfmt -i 2 -ci -w .

##@ Now and then
lock: ## renew the locks of our own tools; UPGRADE=1 also raises what is not pinned
	@tests/setup uv uv lock $(if $(UPGRADE),--upgrade)
	@tests/setup check npm --prefix tests/tools install --package-lock-only --ignore-scripts --no-omit-lockfile-registry-resolved
	@tests/setup check go -C tests/tools mod tidy

clean: ## remove what the tools left in this folder
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
