# make run   installs and starts the app        make check  lint, types and the fast tests
# make test  installs what tests need, runs all make bench  prints what benchmarks/ measures
# make audit asks about known weaknesses of what is installed, over the network
PORT ?= 8501
HOST ?= localhost
BIN = .venv/bin

.PHONY: run test check bench browser audit clean

run: .venv/.app
	@$(BIN)/python -m mnist_core serve --host $(HOST) --port $(PORT)

test: .venv/.dev browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 2 --dist worksteal -m "not slow and not browser"

bench: .venv/.dev browser
	$(BIN)/python -m benchmarks.drawing
	$(BIN)/python -m benchmarks.pen_to_bars
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.sessions
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.server
	$(BIN)/python -m benchmarks.click_to_metric
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.training_speed
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.open_page

browser: .venv/.dev
	@$(BIN)/python -m tests.browser.install

.venv/.app: requirements.txt constraints.txt
	@sh tools/environment.sh -r requirements.txt -c constraints.txt
	@touch $@

.venv/.dev: .venv/.app requirements-dev.txt requirements-export.txt
	@sh tools/environment.sh -r requirements-dev.txt -c constraints.txt
	@for version in 3.4.1 3.12.0; do \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
			--target .venv/other-kerases/$$version keras==$$version; \
	done
	@touch $@

audit: .venv/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit --requirement constraints.txt --no-deps

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
