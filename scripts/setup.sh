#!/usr/bin/env bash
# Installs what the tests need and the machine lacks. On Debian that is done
# here; elsewhere it says what is missing. `setup.sh hardware amd64,arm64` installs
# what scripts/hardware needs.
set -euo pipefail
need() { # need COMMAND DEBIAN_PACKAGE WHAT_FOR
  command -v "$1" > /dev/null && return
  if can_install; then
    install "$2" "$3"
    return
  fi
  echo "$1 is missing, for $3: install it (on Debian: sudo apt-get install $2) and try again" >&2
  exit 1
}
# Without these, and without root, tests are skipped.
wish() { # wish DEBIAN_PACKAGE WHAT_FOR CHECK...
  if ! "${@:3}" > /dev/null 2>&1 && can_install; then
    install "$1" "$2" || echo "no $1: $2 are skipped"
  fi
}
can_install() { command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; }
install() { # install DEBIAN_PACKAGE WHAT_FOR
  echo "installing $1, for $2"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" > /dev/null
}
# Debian keeps the server's programs out of PATH, and would start one by itself.
needs_postgres() {
  compgen -G "/usr/lib/postgresql/*/bin/postgres" > /dev/null && return
  if can_install; then
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  fi
  need postgres postgresql "the sync with the school's database"
}
need go golang "everything"
if [ "${1:-}" = hardware ]; then
  case $2 in *amd64*) need qemu-system-x86_64 qemu-system-x86 "the machine with USB keyboards" ;; esac
  case $2 in *arm64*) need qemu-system-aarch64 qemu-system-arm "the ARM machine with USB keyboards" ;; esac
  need /sbin/mkfs.ext4 e2fsprogs "the disk of these machines"
  need apt-get apt "their kernel, which is Debian's"
  exit
fi
need node nodejs "the web app"
need gcc gcc "the race detector"
need chromium chromium "the browser journey"
needs_postgres
need pulseaudio pulseaudio "the sound card of the browser tests"
need parec pulseaudio-utils "recording it"
need ip iproute2 "the network of the browser tests"
wish dbus-daemon "tests of downbeat.local" command -v dbus-daemon
wish avahi-daemon "tests of downbeat.local" command -v avahi-daemon
wish avahi-utils "tests of downbeat.local" command -v avahi-browse
wish python3-zeroconf "tests of downbeat.local" /usr/bin/python3 -c 'import zeroconf'
