# PutLive: `make` alone lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SWIFT ?= swift
# Of the programs that users get. Their libraries are the system's alone: with a local rpath each start would look for
# them beside the program first.
SWIFT_RELEASE_FLAGS ?= --static-swift-stdlib --disable-local-rpath
# Tests and goldens share one debug build. C and C++ in it are optimized: the hash of one password takes seconds
# otherwise.
SWIFT_TEST_FLAGS := --enable-code-coverage -Xcc -O2 -Xcxx -O2
# How long `make test` fuzzes the config loader, in seconds; each other target takes half of that.
FUZZ_SECONDS ?= 60

PHASE := @scripts/phase
RELEASE_GEN := .build/release/putlive-gen
RELEASE_AGENT := .build/release/putlive-agent
DEBUG_GEN := $(CURDIR)/.build/debug/putlive-gen
DEBUG_AGENT := $(CURDIR)/.build/debug/putlive-agent

.PHONY: help setup build deb run test unit native end-to-end fuzz test-host lint golden bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install what is missing on this machine (Debian packages, Python packages in .venv)
	@scripts/setup

build: setup ## build both tools as users get them
	$(PHASE) "release build of putlive-gen" $(SWIFT) build -c release --product putlive-gen $(SWIFT_RELEASE_FLAGS)
	$(PHASE) "release build of putlive-agent" $(SWIFT) build -c release --product putlive-agent $(SWIFT_RELEASE_FLAGS)

deb: build ## build out/putlive_<version>_<architecture>.deb, which installs on a Debian 12 host
	$(PHASE) "package" scripts/deb

run: build ## make a config in out/, render and verify it, and serve it at http://localhost:3000 until Ctrl-C
	@PUTLIVE_GEN=$(RELEASE_GEN) PUTLIVE_AGENT=$(RELEASE_AGENT) scripts/run

test: unit native end-to-end fuzz ## every test, every native check, coverage, fuzzing

unit: setup
	$(PHASE) "debug build" $(SWIFT) build --build-tests $(SWIFT_TEST_FLAGS)
	@rm -rf .build/debug/codecov
	$(PHASE) "unit tests" $(SWIFT) test --skip-build --disable-xctest $(SWIFT_TEST_FLAGS)
	$(PHASE) "coverage" scripts/coverage

native: unit
	$(PHASE) "native checks" env LLVM_PROFILE_FILE=/dev/null scripts/native-checks $(DEBUG_GEN)
	$(PHASE) "alert rules" env PUTLIVE_GEN=$(DEBUG_GEN) LLVM_PROFILE_FILE=/dev/null scripts/alert-rules

end-to-end: unit
	$(PHASE) "end to end" env PUTLIVE_GEN=$(DEBUG_GEN) PUTLIVE_AGENT=$(DEBUG_AGENT) \
		LLVM_PROFILE_FILE=/dev/null PATH="$(CURDIR)/.venv/bin:$$PATH" \
		.venv/bin/pytest -q -p no:cacheprovider -n 3 --dist loadfile Tests/EndToEnd

fuzz: setup ## fuzz the config loader for FUZZ_SECONDS, and each reader of the network's bytes for half as long
	$(PHASE) "fuzzing" scripts/fuzz $(FUZZ_SECONDS)

test-host: deb ## as root: boot a Debian 12, install the package there, reconcile it, and break it in every way
	$(PHASE) "tests on a host" scripts/test-host

lint: setup ## check formatting, shell scripts, Python files and sizes
	$(PHASE) "lint" scripts/lint

golden: setup ## record golden/ and the generated tables anew and show what changed
	$(SWIFT) build --build-tests $(SWIFT_TEST_FLAGS)
	PUTLIVE_RECORD=1 $(SWIFT) test --skip-build --disable-xctest $(SWIFT_TEST_FLAGS) --filter 'Golden|Documentation'
	@git --no-pager diff -- golden README.md docs
	@git --no-pager diff --stat -- golden README.md docs
	@git status --short -- golden README.md docs

bench: build ## measure the generator beside Jinja2 and Ansible, the agent beside Go, nginx and SRS
	@scripts/setup --bench
	@PUTLIVE_GEN=$(RELEASE_GEN) bench/run
	@PUTLIVE_GEN=$(RELEASE_GEN) PUTLIVE_AGENT=$(RELEASE_AGENT) bench/agent
	@PUTLIVE_GEN=$(RELEASE_GEN) PUTLIVE_AGENT=$(RELEASE_AGENT) .venv/bin/python bench/webrtc

clean: ## remove what was built; out/ with your config stays
	rm -rf .build .build-fuzz .venv web/assets/vendor
