#!/usr/bin/env bash
# Installs what the tests need and the machine lacks. On Debian that is done
# here; elsewhere it says what is missing.
set -euo pipefail
need() { # need COMMAND DEBIAN_PACKAGE WHAT_FOR
  command -v "$1" > /dev/null && return
  if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing $2, for $3"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" > /dev/null
    return
  fi
  echo "$1 is missing, for $3: install it (on Debian: sudo apt-get install $2) and try again" >&2
  exit 1
}
need go golang "everything"
need node nodejs "the web app"
need gcc gcc "the race detector"
need chromium chromium "the browser journey"
need pulseaudio pulseaudio "the sound card of the browser tests"
need parec pulseaudio-utils "recording it"
need ip iproute2 "the network of the browser tests"
