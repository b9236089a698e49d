#!/usr/bin/env bash
# Imports point one way: cmd -> appliance -> its parts -> leaves. This fails
# the build when a line of the house is crossed.
set -euo pipefail
cd "$(dirname "$0")/.."
module=$(go list -m)
failed=0

# forbid PACKAGES PATTERN WHY: none of the packages may import what matches.
forbid() {
  local crossed
  crossed=$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} -> {{.}}{{"\n"}}{{end}}' $1 | grep -E -- "-> $2" || true)
  if [ -n "$crossed" ]; then
    echo "$3:" && echo "$crossed" && failed=1
  fi
}

forbid "./sync/... ./webui/..." "$module/appliance" "leaves know nothing of the appliance"
forbid "./sync/clock" "$module" "the clock knows nobody"
forbid "./appliance/realtime ./appliance/room" "$module/appliance/transport" "channels and rooms know no sockets"
forbid "./appliance/room" "(net|os|log|net/http)$" "a room does no I/O"
forbid "./appliance/wire" "$module/appliance" "the wire knows nobody"
forbid "./appliance/table" "($module|net/http|go.etcd.io)" "tables know nobody, no HTTP and no storage"
forbid "./appliance/realtime" "$module/appliance/room" "channels know no music"
forbid "./appliance/rest ./appliance/store" "$module/appliance/(realtime|room|transport|web)" "rows know no channels and no pages"
forbid "./appliance/realtime ./appliance/room ./appliance/transport ./appliance/web ./appliance/store ./appliance/auth ./appliance/rest ./appliance/signin ./appliance/classroom" "$module/appliance$" "parts do not know the whole"
forbid "./appliance/..." "$module/cmd" "nothing imports commands"
if compgen -G "sync/*.go" > /dev/null; then
  echo "sync/ holds no Go files of its own" && failed=1
fi
exit $failed
