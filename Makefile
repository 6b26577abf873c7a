# make build | test | demo | bench | lint | monitoring | clean. Everything that a fresh Debian 12 lacks, but Swift, is installed first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

LANG_UI ?= ru
STORY ?= story
# A story may have a configuration of its own.
STORY_CONFIG = $(firstword $(wildcard config/demo/$(STORY)-parceld.yaml) config/demo/parceld.yaml)
SWIFT_FLAGS := --explicit-target-dependency-import-check error
RELEASE := .build-release
PROGRAMS := parceld parcelctl parcelsim
# Foundation's XML parser needs libxml2. openssl and python3 serve the tests: certificates, another program that holds the database, and a mail server.
PACKAGES := libcurl4-openssl-dev libsqlite3-dev libxml2 openssl python3 python3-aiosmtpd tzdata

.PHONY: build release test demo bench lint monitoring clean deps

deps:
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: install it from swift.org and put its bin folder on PATH." >&2; exit 69; }
	@missing=; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	    command -v apt-get >/dev/null || { echo "Install these packages with your system's tools:$$missing" >&2; exit 69; }; \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    echo "Installing$$missing with $${sudo:+$$sudo }apt-get"; \
	    $$sudo apt-get update -qq; DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing >/dev/null; \
	fi

build: deps
	swift build $(SWIFT_FLAGS)

release: deps
	@for p in $(PROGRAMS); do swift build -c release --scratch-path $(RELEASE) $(SWIFT_FLAGS) --product $$p; done

test: deps
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build

demo: release
	@$(RELEASE)/release/parcelsim play --scenario config/demo/$(STORY).yaml --config $(STORY_CONFIG) \
	    --parceld $(RELEASE)/release/parceld --parcelctl $(RELEASE)/release/parcelctl --language $(LANG_UI) --keep .build-demo

bench: release
	@python3 Tests/Benchmarks/bench.py $(RELEASE)/release
	@swift build -c release --scratch-path $(RELEASE) $(SWIFT_FLAGS) --product parcelbench
	@$(RELEASE)/release/parcelbench

lint: deps
	swift format lint --strict -r Sources Tests Package.swift

# Prometheus's own tool judges the rules and, in the tests, the figures.
monitoring:
	@command -v promtool >/dev/null || { \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; echo "Installing prometheus with $${sudo:+$$sudo }apt-get, for promtool"; \
	    $$sudo apt-get update -qq; \
	    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends prometheus >/dev/null; }
	cd docs/monitoring && promtool check rules alerts.yml && promtool test rules alerts_test.yml

clean:
	rm -rf .build $(RELEASE) .build-demo
