# make run   installs and starts the app        make check  lint, types and the fast tests
# make test  installs what tests need, runs all make bench  prints what benchmarks/ measures
PYTHON ?= python3.11
PORT ?= 8501
BIN = .venv/bin

.PHONY: run test check bench browser clean

run: .venv/.app
	@$(BIN)/streamlit run app.py --server.port $(PORT)

test: .venv/.dev browser
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 2 --dist loadfile

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --ignore tests/browser

bench: .venv/.dev browser
	$(BIN)/python -m benchmarks.drawing
	$(BIN)/python -m benchmarks.pen_to_bars
	$(BIN)/python -m benchmarks.sessions
	$(BIN)/python -m benchmarks.server
	$(BIN)/python -m benchmarks.click_to_metric
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.training_speed
	$(BIN)/python -m benchmarks.overhead

browser: .venv/.dev
	@$(BIN)/python -m tests.browser.install

.venv/.app: requirements.txt constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the app needs. The first time this takes a minute or two."
	@$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	@touch $@

.venv/.dev: .venv/.app requirements-dev.txt
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
