# make build | test | demo | bench | lint | monitoring | deb | install | systemd-test | clean. Everything that a fresh
# Debian 12 lacks, but Swift, is installed first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

LANG_UI ?= ru
STORY ?= story
# A story may have a configuration of its own.
STORY_CONFIG = $(firstword $(wildcard config/demo/$(STORY)-parceld.yaml) config/demo/parceld.yaml)
SWIFT_FLAGS := --explicit-target-dependency-import-check error
RELEASE := .build-release
PROGRAMS := parceld parcelsim
# Foundation's XML parser needs libxml2. openssl and python3 serve the tests: certificates, another program that holds the database, and a mail server.
PACKAGES := libcurl4-openssl-dev libsqlite3-dev libxml2 openssl python3 python3-aiosmtpd tzdata

# What the package and its tests need besides. curl and sqlite3 are in commands that the pages show.
PACKAGING := curl dbus dpkg-dev lintian man-db shellcheck sqlite3 systemd xz-utils

VERSION := $(shell sed -n 's/^package let version = "\(.*\)"$$/\1/p' Sources/ParcelService/Service.swift)
DEB_VERSION ?= $(VERSION)
DEB = .build-deb/parceld_$(DEB_VERSION)_amd64.deb
# Two builds of one commit are equal.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)

PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
DOC = $(PREFIX)/share/doc/parceld
MAN = $(PREFIX)/share/man

.PHONY: build release test demo bench lint monitoring deb install systemd-test clean deps packaging-deps

packaging-deps: PACKAGES += $(PACKAGING)
packaging-deps: deps

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

# The runtime of the language is linked in, so that the programs run where no Swift is, and no path of this folder or of the
# build's, so that others give the same bytes. Of prefixes that match, the last one counts. parceld is parcelctl as well.
RELEASE_BUILD = swift build -c release --static-swift-stdlib --scratch-path $(RELEASE) $(SWIFT_FLAGS) \
    -Xcc -ffile-prefix-map=$(CURDIR)=. -Xcc -ffile-prefix-map=$(abspath $(RELEASE))=.build -Xlinker --build-id=none
release: deps
	@for p in $(PROGRAMS); do $(RELEASE_BUILD) --product $$p; done
	@ln -sf parceld $(RELEASE)/release/parcelctl

test: deps
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build

demo: release
	@$(RELEASE)/release/parcelsim play --scenario config/demo/$(STORY).yaml --config $(STORY_CONFIG) \
	    --parceld $(RELEASE)/release/parceld --parcelctl $(RELEASE)/release/parcelctl --language $(LANG_UI) --keep .build-demo

bench: release
	@python3 Tests/Benchmarks/bench.py $(RELEASE)/release
	@$(RELEASE_BUILD) --product parcelbench
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

# make install DESTDIR=... PREFIX=/usr: everything but users and folders outside PREFIX, which the package's scripts make.
install: release
	install -D -m 755 $(RELEASE)/release/parceld $(DESTDIR)$(PREFIX)/bin/parceld
	packaging/strip $(DESTDIR)$(PREFIX)/bin/parceld
	ln -sf parceld $(DESTDIR)$(PREFIX)/bin/parcelctl
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(MAN)/man1 $(DESTDIR)$(MAN)/man5 $(DESTDIR)$(MAN)/man8
	@for unit in systemd/*.service systemd/*.timer; do \
	    sed 's|/usr/bin/parcel|$(PREFIX)/bin/parcel|' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/}; done
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/sysusers.d systemd/sysusers.d/parceld.conf
	@date=$$(date -u -d @$(SOURCE_DATE_EPOCH) +%F); manual() { \
	        packaging/manual packaging/man/$$1 $(VERSION) $$date $$2 | gzip -9n >$(DESTDIR)$(MAN)/man$${1##*.}/$$1.gz; }; \
	    manual parceld.8 $(RELEASE)/release/parceld; manual parcelctl.1 $(RELEASE)/release/parcelctl; \
	    manual parceld.yaml.5 config/parceld.yaml
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	@for p in parceld parcelctl; do \
	    $(RELEASE)/release/$$p --generate-completion-script bash | sed 1d \
	        >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$p; done
	install -d $(DESTDIR)$(DOC) $(DESTDIR)$(PREFIX)/share/parceld
	cp -r $(filter-out config/demo,$(wildcard config/*)) $(DESTDIR)$(PREFIX)/share/parceld
	ln -sfn ../../parceld $(DESTDIR)$(DOC)/examples
	cp -r README.md README.ru.md docs $(DESTDIR)$(DOC)
	@chmod -R u=rwX,go=rX $(DESTDIR)$(DOC) $(DESTDIR)$(PREFIX)/share/parceld

deb: packaging-deps release
	packaging/deb $(DEB_VERSION) $(DEB)

# The package under a real systemd of its own; 77 where this machine cannot have one.
systemd-test:
	Tests/SystemdTests/run $(DEB) $(RELEASE)/release/parcelsim

clean:
	rm -rf .build $(RELEASE) .build-another .build-demo .build-deb
