#!/usr/bin/env bash
# Runs every check and test, and closes with how many tests passed and failed.
# What does not measure time runs side by side. The browser tests that do run
# last, alone.
set -uo pipefail
cd "$(dirname "$0")/.."
logs=$(mktemp -d)
set -m # a step is a process group of its own, so that it can be ended whole
trap 'jobs -p | sed s/^/-/ | xargs -r kill -- 2> /dev/null; rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0 times= failures= again=

scripts/setup.sh || exit 1

# start STEP COMMAND...: runs a step in the background, with a log of its own.
start() {
  local step=$1
  shift
  echo "== $step begins"
  {
    began=$SECONDS
    "$@" > "$logs/$step" 2>&1
    echo "$? $((SECONDS - began))" > "$logs/$step.end"
  } &
  echo $! > "$logs/$step.pid"
}

# finish STEP: waits for a step, and shows its output if it failed.
finish() {
  local took=0
  wait "$(cat "$logs/$1.pid")"
  status=1
  read -r status took < "$logs/$1.end"
  if [ "$status" != 0 ]; then
    grep -B 30 -E -- '--- FAIL|^FAIL|DATA RACE|^panic:|build failed' "$logs/$1" | tail -n 300
    tail -n 100 "$logs/$1"
    failures+=$(names_of_failures "$1")
  fi
  echo "== $1: $([ "$status" = 0 ] && echo ok || echo FAILED) in $took s"
  times+=$(printf '\n%6d s  %s' "$took" "$1")
}

# names_of_failures STEP: the tests that a step says have failed, each beside
# why: go test says it before the name, vitest after it.
names_of_failures() {
  local names
  names=$(plain "$logs/$1" | awk '
    / FAIL  / { after = 4 }
    /--- FAIL: / { for (i = NR - 3; i < NR; i++) print line[i % 4]; print }
    after > 0 { after--; print }
    { line[NR % 4] = $0 }' | grep -v '^$' | head -n 40)
  printf '\n%s:\n%s' "$1" "${names:-  no test of it}"
}

# plain FILE: its text without colours.
plain() { sed -E 's/\x1b\[[0-9;]*m//g' "$1"; }

# count PASSED FAILED: a step that failed counts as a failure even if no test
# of it says so.
count() {
  passed=$((passed + $1))
  if [ "$status" != 0 ] && [ "$2" = 0 ]; then
    failed=$((failed + 1))
  else
    failed=$((failed + $2))
  fi
}

# whole STEP: finishes a step that counts as one test.
whole() {
  finish "$1"
  count "$((status == 0))" 0
}

# vitest STEP: finishes a step, counts its tests and shows what they measured.
vitest() {
  finish "$1"
  count "$(vitest_count "$1" passed)" "$(vitest_count "$1" failed)"
  measured "$1"
}

# vitest_count STEP WHICH: how many tests vitest says have passed or failed.
vitest_count() {
  plain "$logs/$1" | grep -E '^ *Tests ' | grep -oE "[0-9]+ $2" | grep -oE '[0-9]+' || echo 0
}

# measured STEP: shows what the tests of a step measured, and keeps the names of
# those that passed only when run again.
measured() {
  grep -E '^# ' "$logs/$1"
  again+=$(grep -E '^# passed only' "$logs/$1" | sed 's/^#/\n /')
}

# go_tests: finishes the Go tests, runs those that failed once more, alone, and
# counts.
go_tests() {
  local before=$failures bad=0
  finish go
  if [ "$status" != 0 ]; then
    start go-again scripts/again.sh "$logs/go"
    finish go-again
    measured go-again
  fi
  if [ "$status" = 0 ]; then failures=$before; else bad=$(lines '^ *--- FAIL' go); fi
  count "$(lines '^ *--- PASS' go)" "$bad"
}

lines() { grep -cE "$1" "$logs/$2" || true; }

start build make --no-print-directory build clients
whole build

# The checks take what the others leave of the machine.
start check nice -n 19 make --no-print-directory check
start go make --no-print-directory go GOTEST=-v
start unit make --no-print-directory unit
vitest unit
go_tests
grep -A 8 'error in ms' "$logs/go"

start conformance make --no-print-directory conformance
vitest conformance

start looks scripts/e2e.sh --project looks
vitest looks
whole check

start lessons scripts/e2e.sh --project lessons
vitest lessons

# One fault of each kind; make faults tries all.
start faults scripts/e2e.sh --project faults -t "its device sleeps|sleep of 5000|taken back 30 ms|in a loop each"
vitest faults

# One round tells whether a screen is far too heavy; make weight tells how heavy it is.
start timed env WEIGHT_ROUNDS=1 scripts/e2e.sh --project timed
vitest timed

printf 'time of each step:%s\n%6d s  in all\n' "$times" "$SECONDS"
[ -z "$again" ] || printf 'found no time on this machine at first:%s\n' "$again"
[ -z "$failures" ] || echo "what failed:$failures"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
