#!/usr/bin/env bash
# Runs every check and test, and closes with how many tests passed and failed.
set -uo pipefail
cd "$(dirname "$0")/.."
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0

scripts/setup.sh || exit 1

# step NAME COMMAND...: its output is shown if it fails.
step() {
  local name=$1 began=$SECONDS
  shift
  echo "== $name"
  if "$@" > "$logs/$name" 2>&1; then
    status=0
  else
    status=1
    grep -B 30 -E -- '--- FAIL|^FAIL|DATA RACE|^panic:|build failed' "$logs/$name" | tail -n 300
    tail -n 100 "$logs/$name"
  fi
  echo "== $name: $([ $status = 0 ] && echo ok || echo FAILED) in $((SECONDS - began)) s"
}

# count PASSED FAILED: a step that failed counts as a failure even if no test
# of it says so.
count() {
  passed=$((passed + $1))
  if [ $status != 0 ] && [ "$2" = 0 ]; then
    failed=$((failed + 1))
  else
    failed=$((failed + $2))
  fi
}

lines() { grep -cE "$1" "$logs/$2" || true; }

# vitest_count NAME WHICH: how many tests vitest says have passed or failed.
vitest_count() {
  sed -E 's/\x1b\[[0-9;]*m//g' "$logs/$1" | grep -E '^ *Tests ' | grep -oE "[0-9]+ $2" | grep -oE '[0-9]+' || echo 0
}

step build make --no-print-directory build
count $((1 - status)) $status
step check make --no-print-directory check
count $((1 - status)) $status

step go go test -race -shuffle=on -v ./...
count "$(lines '^ *--- PASS' go)" "$(lines '^ *--- FAIL' go)"
grep -A 8 'error in ms' "$logs/go" || true

step unit make --no-print-directory unit
count "$(vitest_count unit passed)" "$(vitest_count unit failed)"

step conformance make --no-print-directory conformance
count "$(vitest_count conformance passed)" "$(vitest_count conformance failed)"
grep -E '^# ' "$logs/conformance" || true

step e2e make --no-print-directory e2e
count "$(vitest_count e2e passed)" "$(vitest_count e2e failed)"
grep -E '^# ' "$logs/e2e" || true

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
