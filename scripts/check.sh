#!/usr/bin/env bash
# Formatting, vet, import lines, linters, and the types and style of TypeScript.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 # as the build, so that it has compiled most of this already
unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs -r go tool -modfile=scripts/tools/go.mod gofumpt -l)
if [ -n "$unformatted" ]; then
  echo "not as gofumpt writes them:" && echo "$unformatted" && exit 1
fi
go vet ./...
go tool -modfile=scripts/tools/go.mod staticcheck ./...
scripts/imports.sh
cd webui
npx --no-install tsc --noEmit
npx --no-install biome check --error-on-warnings .
cd ../scripts/conformance
../../webui/node_modules/.bin/tsc --noEmit
../../webui/node_modules/.bin/biome check --error-on-warnings .
