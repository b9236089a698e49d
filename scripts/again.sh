#!/usr/bin/env bash
# Runs the Go tests that failed in the log LOG of go test -v once more, alone,
# and names them. A test may fail because other steps left it no machine. Fails
# if one fails again, and at once after a race, a panic or a build that failed,
# which are never for want of a machine.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$1

if grep -qE 'DATA RACE|^panic:|\[(build|setup) failed\]' "$log"; then
  echo "a race, a panic or a build that failed: not run again"
  exit 1
fi

# go test prints a package as a whole, and its name last.
failed=$(awk '
  /^--- FAIL: / { names = names "|" $3 }
  /^(ok|FAIL)\t/ { if ($1 == "FAIL") print $2, "^(" substr(names, 2) ")$"; names = "" }' "$log")
[ -n "$failed" ] || exit 1

while read -r package names; do
  [ "$names" != '^()$' ] || exit 1
  go test -race -shuffle=on -vet=off -count=1 -run "$names" "$package"
  echo "# passed only when run again: $package $names"
done <<< "$failed"
