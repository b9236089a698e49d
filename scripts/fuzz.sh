#!/usr/bin/env bash
# Runs every fuzz target of the repository for FUZZTIME each.
set -euo pipefail
cd "$(dirname "$0")/.."
for package in $(go list ./...); do
  names=$(go test -list '^Fuzz' "$package")
  for target in $(grep '^Fuzz' <<< "$names" || true); do
    echo "== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" -fuzzminimizetime 5x "$package"
  done
done
