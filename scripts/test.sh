#!/usr/bin/env bash
# Runs every check and test, and closes with how many tests passed and failed.
set -uo pipefail
cd "$(dirname "$0")/.."
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0

scripts/setup.sh || exit 1

# step NAME COMMAND...: a step without tests of its own counts as one.
step() {
  local name=$1 began=$SECONDS
  shift
  echo "== $name"
  if "$@" > "$logs/$name" 2>&1; then
    status=0
  else
    status=1
    tail -n 200 "$logs/$name"
  fi
  echo "== $name: $([ $status = 0 ] && echo ok || echo FAILED) in $((SECONDS - began)) s"
}

count() { # count PASSED FAILED
  passed=$((passed + $1)) failed=$((failed + $2))
}

matches() { grep -cE "$1" "$2" || true; }

step build make --no-print-directory build
count $((1 - status)) $status
step check make --no-print-directory check
count $((1 - status)) $status

step go go test -race -shuffle=on -v ./...
go_failed=$(matches '^ *--- FAIL' "$logs/go")
count "$(matches '^ *--- PASS' "$logs/go")" $((status && !go_failed ? 1 : go_failed))
grep -A 8 'error in ms' "$logs/go" || true

step unit make --no-print-directory unit
unit_passed=$(sed 's/\x1b\[[0-9;]*m//g' "$logs/unit" | sed -nE 's/^ *Tests .* ([0-9]+) passed.*/\1/p; s/^ *Tests +([0-9]+) passed.*/\1/p' | head -1)
count "${unit_passed:-0}" $status

step e2e make --no-print-directory e2e
count "$(matches '^ok ' "$logs/e2e")" $((status ? $(matches '^not ok ' "$logs/e2e") + 1 : 0))
grep -E '^(ok|not ok|#) ' "$logs/e2e" || true

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
