# Downbeat. `make` says what there is to do.

SHELL   := /bin/bash
LISTEN  ?= 127.0.0.1:8080
ROUNDS  ?= 100
ATTACK_SECONDS ?= 20
ARCH    ?= amd64,arm64
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
WEB     := $(shell find webui/src webui/public webui/index.html webui/vite.config.ts webui/vite.socket.config.ts webui/declarations.mjs webui/tsconfig.json -type f 2>/dev/null)
CLIENTS := scripts/conformance/node_modules/.package-lock.json

# One set of flags for building, checking and testing, so that all share what is compiled.
export GOFLAGS := -trimpath

.PHONY: help run test build webui clients check unit go e2e faults faults-sync faults-disk weight picture conformance test-hardware bench attack mutants fuzz clean

help: ## say what there is to do
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and start the demo class (LISTEN=0.0.0.0:8080 for the whole network)
	bin/downbeat demo --listen $(LISTEN)

test: ## install what the tests need and run them
	scripts/test.sh

build: webui ## build the web app and the binary
	@command -v go > /dev/null || { echo "go is missing: install it from https://go.dev/dl" >&2; exit 1; }
	CGO_ENABLED=0 go build -ldflags "$(LDFLAGS)" -o bin/downbeat ./cmd/downbeat

webui: webui/dist/index.html ## build the web app

webui/node_modules/.package-lock.json: webui/package-lock.json
	@command -v npm > /dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }
	cd webui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clients: $(CLIENTS)

$(CLIENTS): scripts/conformance/package-lock.json
	cd scripts/conformance && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

webui/dist/index.html: webui/node_modules/.package-lock.json $(WEB)
	cd webui && npm run --silent build

check: webui/node_modules/.package-lock.json $(CLIENTS) ## format, vet, lint and type checks
	scripts/check.sh

unit: webui/node_modules/.package-lock.json ## tests of the web engine
	cd webui && npx --no-install vitest run

go: webui ## Go tests, with the race detector (`make check` vets them)
	go test -race -shuffle=on -vet=off $(GOTEST) ./...

e2e: build ## a class in real browsers
	scripts/e2e.sh

faults: build ## stop browsers, stall networks and take tempos back, in every way
	scripts/e2e.sh --project faults

weight: build ## what the screens cost a computer six times slower, while forty play
	scripts/e2e.sh weight

faults-sync: ## kill the box and its Postgres at random moments, ROUNDS times
	go test -count=1 -timeout 60m -v -run KilledAtAnyMoment ./appliance/upstreamtest -rounds $(ROUNDS)

faults-disk: ## kill the box and cut the power of its disk at random moments, ROUNDS times
	go test -count=1 -timeout 60m -v -run AcknowledgedIsKept ./appliance/cuttest -cuts $(ROUNDS)

picture: build ## take the pictures of the README anew
	scripts/e2e.sh lookclass -t forty
	scripts/e2e.sh lookkeyboards
	cp webui/e2e/shots/readme.png webui/e2e/shots/keyboards.png webui/e2e/

conformance: build $(CLIENTS) ## Supabase's own clients, old and new, against the box
	cd scripts/conformance && npx --no-install vitest run

test-hardware: ## real USB keyboards on Debian's own kernel, in QEMU (ROUNDS=100 ARCH=amd64,arm64)
	scripts/setup.sh hardware $(ARCH)
	nice go run ./scripts/hardware $(HARDWARE) -rounds $(ROUNDS) -arch $(ARCH)

bench: build ## every measured target beside its floor (BENCH_RUNS=1 BENCH_SECONDS=5 for a quick look)
	go run ./scripts/bench

attack: build ## what one device can do to a box of 1 GB (ATTACK_SECONDS=60; ATTACK_FLAGS=-nat from the class's own address)
	go run ./scripts/attack -seconds $(ATTACK_SECONDS) $(ATTACK_FLAGS)

mutants: webui ## take the guards of the box away, one by one, and name those whose absence no test notices (PACKAGES=./appliance/people; hours for all)
	nice go run ./scripts/mutants $(PACKAGES)

fuzz: ## every fuzz target for a while (FUZZTIME=20s)
	scripts/fuzz.sh

clean: ## remove what was built
	rm -rf bin bench webui/dist/* webui/e2e/shots
