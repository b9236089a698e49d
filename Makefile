# Downbeat. `make` says what there is to do.

SHELL   := /bin/bash
LISTEN  ?= 127.0.0.1:8080
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFLAGS := -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
TOOL    := go tool -modfile=scripts/tools/go.mod
WEB     := $(shell find webui/src webui/public webui/index.html webui/vite.config.ts webui/vite.socket.config.ts -type f 2>/dev/null)
CLIENTS := scripts/conformance/node_modules/.package-lock.json

.PHONY: help run test build webui check unit go e2e conformance bench fuzz clean

help: ## say what there is to do
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and start the demo class (LISTEN=0.0.0.0:8080 for the whole network)
	bin/downbeat demo --listen $(LISTEN)

test: ## install what the tests need and run everything
	scripts/test.sh

build: webui ## build the web app and the binary
	@command -v go > /dev/null || { echo "go is missing: install it from https://go.dev/dl" >&2; exit 1; }
	CGO_ENABLED=0 go build $(GOFLAGS) -o bin/downbeat ./cmd/downbeat

webui: webui/dist/index.html ## build the web app

webui/node_modules/.package-lock.json: webui/package-lock.json
	@command -v npm > /dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }
	cd webui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENTS): scripts/conformance/package-lock.json
	cd scripts/conformance && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

webui/dist/index.html: webui/node_modules/.package-lock.json $(WEB)
	cd webui && npm run --silent build

check: webui/node_modules/.package-lock.json $(CLIENTS) ## format, vet, lint and type checks
	scripts/check.sh

unit: webui/node_modules/.package-lock.json ## tests of the web engine
	cd webui && npx --no-install vitest run

go: webui ## Go tests, with the race detector
	go test -race -shuffle=on ./...

e2e: build ## a class in real browsers
	scripts/e2e.sh

conformance: build $(CLIENTS) ## Supabase's own clients, old and new, against the box
	cd scripts/conformance && npx --no-install vitest run

bench: build ## every measured target beside its floor (BENCH_RUNS=1 BENCH_SECONDS=5 for a quick look)
	go run ./scripts/bench

fuzz: ## every fuzz target for a while (FUZZTIME=20s)
	scripts/fuzz.sh

clean: ## remove what was built
	rm -rf bin bench webui/dist/* webui/e2e/shots
