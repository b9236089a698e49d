#!/usr/bin/env bash
# Plays a lesson in real browsers against bin/downbeat. Arguments go to vitest,
# as in `scripts/e2e.sh journey`.
set -euo pipefail
cd "$(dirname "$0")/../webui"
exec npx --no-install vitest run --config e2e/vitest.config.ts "$@"
