#!/usr/bin/env bash
# Checks the plan of the house: imports point one way, in Go from cmd to
# appliance to its parts to the leaves, and a folder holds at most 30 sources.
# scripts/imports.mjs does the same for the web app.
set -euo pipefail
cd "$(dirname "$0")/.."
module=$(go list -m)
imports=$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} -> {{.}}{{"\n"}}{{end}}' ./... | sed "s#$module/##g; s#$module#.#g")
failed=0

ours='((appliance|cmd|webui|midi|discovery|scripts)(/.*)?|sync/(clock|hlc|outbox|upstream(/pgtest)?))'

# forbid PACKAGES IMPORTS WHY: none of the packages may have such an import.
# Both are extended regular expressions; our own packages go by their folders.
forbid() { report "$3" "$(grep -E -- "^($1) -> ($2)$" <<< "$imports")"; }

# only PACKAGES IMPORTS WHY: of ours the packages may import these alone.
only() { report "$3" "$(grep -E -- "^($1) -> $ours$" <<< "$imports" | grep -vE -- " -> ($2)$")"; }

# report WHY LINES: fails if there are any.
report() {
  if [ -n "$2" ]; then
    echo "$1:" && echo "$2" && failed=1
  fi
}

forbid "(sync|webui|midi|discovery)(/.*)?" "appliance(/.*)?" "leaves know nothing of the appliance"
forbid "appliance/.*" "appliance" "parts do not know the whole"
forbid "appliance(/.*)?" "cmd/.*" "nothing imports commands"
only "sync/(clock|hlc)|webui|discovery|appliance/(wire|table|names|lan|ratelimit|seal)" "" "the lowest packages know no other"
only "appliance/cost" "appliance/(count|ratelimit)" "the account of costs knows no part that it charges for"
only "appliance/intake" "appliance/ratelimit" "the intake knows addresses alone"
only "appliance/(frames|client)" "appliance/wire|sync/clock" "frames and clients know the wire and the clock"
only "appliance/room" "appliance/(wire|names)|sync/clock" "a room knows the wire, names and the clock"
only "appliance/lesson" "appliance/room" "the format of lessons knows what a room can do"
only "appliance/rtc(/rtctest)?" "appliance/lan" "peers know no connections"
only "sync/outbox" "sync/hlc" "the outbox knows stamps alone"
only "sync/upstream" "sync/(hlc|outbox)" "the sync with Postgres knows stamps and the outbox"
only "sync/upstream/pgtest" "" "test servers know nothing of Downbeat"
forbid "appliance/.*" "sync/upstream" "only the assembly knows the school's database"
forbid "appliance/room" "net|os|log|net/http" "a room does no I/O"
forbid "appliance/table" "net/http|go.etcd.io/.*" "tables know no HTTP and no storage"
only "appliance/transport" "appliance/(rtc|wire|count|ratelimit)|sync/clock" "connections know no channels"
forbid "appliance/transport" "github.com/pion/.*" "connections know no ICE, DTLS and SCTP"
forbid "appliance/realtime" "appliance/(room|musicroom|frames)" "channels know no music"
forbid "appliance/(realtime|musicroom)" "appliance/(transport|rtc|gateway|web)" "channels and rooms know no sockets and no pages"
forbid "appliance/(rest|store)" "appliance/(realtime|room|musicroom|transport|web)" "rows know no channels and no pages"
only "appliance/cards" "appliance/store" "cards know the store alone"
only "appliance/records" "appliance/(store|table)" "records know rows and no clients"
only "appliance/classlist" "appliance/(store|names)" "class lists know no rooms and no pages"
only "appliance/lobby" "appliance/(names|ratelimit)|sync/clock" "the lobby knows no rooms and no pages"
forbid "appliance/.*" "discovery" "only the assembly announces the box"
forbid "appliance/web" "appliance/(transport|rtc|gateway|realtime|musicroom)" "pages know no sockets and no running rooms"
only "midi" "" "the MIDI driver knows no other"
only "appliance/keyboards" "appliance/(musicroom|room|store|portmemory|generalmidi)|midi|sync/clock" "keyboards know ports and rooms"
only "appliance/midiout" "appliance/(musicroom|room|store|wire|schedule|portmemory|generalmidi)|midi|sync/clock" "outputs know ports and rooms"
only "appliance/schedule" "appliance/room|sync/clock" "when a note sounds depends on the room and the beat"
only "appliance/portmemory" "appliance/store|midi" "what is remembered of ports knows no rooms"
only "appliance/generalmidi" "appliance/room" "programs know the instruments of rooms"
forbid "appliance/gateway" "appliance/(web|musicroom)" "the paths of Supabase clients know no pages and no running rooms"
forbid "appliance/(auth|people)" "appliance/(signin|rest|web|realtime|transport|gateway)" "people and keys know no paths"
if compgen -G "sync/*.go" > /dev/null; then
  echo "sync/ holds no Go files of its own" && failed=1
fi

# Tests and styles lie beside what they belong to, and are not counted.
crowded=$(git ls-files -co --exclude-standard '*.go' '*.ts' '*.tsx' | grep -vE '_test\.go$|\.test\.tsx?$' |
  xargs ls 2> /dev/null | sed 's#/[^/]*$##' | sort | uniq -c | awk '$1 > 30')
if [ -n "$crowded" ]; then
  echo "more than 30 sources in a folder:" && echo "$crowded" && failed=1
fi

node scripts/imports.mjs || failed=1
exit $failed
