#!/bin/bash
# Makes this machine an appliance: installs Perpetuum for all accounts and plays from boot on.
#
#   sudo setup/appliance.sh [BOARD [--midi uart|gadget|usb] [--audio ...] ...]
#   sudo setup/appliance.sh --network | --no-network
#   sudo setup/appliance.sh --uninstall
#
# BOARD and what follows go to `perpetuum setup`, which configures a Raspberry Pi; without them
# nothing but the service is installed. Run it again to upgrade: the settings are kept. The service
# reaches no network, and is not reached, until `--network` says so: panel and OSC need it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
home=/opt/perpetuum
venv=$home/venv
link=/usr/local/bin/perpetuum
libraries="aiohttp, fluidsynth, mido, numpy, onnxruntime, pythonosc, rtmidi, serial, sounddevice"
settings=/etc/perpetuum
units=/etc/systemd/system
services=(perpetuum.service perpetuum@.service)

say() { echo "perpetuum: $*"; }

fail() {
    say "$*" >&2
    exit 1
}

running_systemd() { [ -d /run/systemd/system ]; }

check_machine() {
    [ "$(id -u)" = 0 ] || fail "this has to be done by root: sudo $0 $*"
    command -v apt-get >/dev/null || fail "this needs Debian or Raspberry Pi OS"
    case $(dpkg --print-architecture) in
        arm64 | amd64) ;;
        *) fail "this needs a 64-bit system: ONNX Runtime knows no other; install the 64-bit image" ;;
    esac
}

# pip builds in the folder it is given; the checkout stays as it is.
install_program() {
    local source
    source=$(mktemp -d)
    # shellcheck disable=SC2064 # this folder, not the one of a later call
    trap "rm -rf '$source'" EXIT
    for part in pyproject.toml LICENSE README.md stream systemd firmware_configs; do
        cp -r "$project/$part" "$source"
    done
    mkdir -p "$home"
    [ -x "$venv/bin/python" ] || "$("$here/find_python.sh")" -m venv "$venv"
    say "installing into $venv"
    # The bytecode is made now: the service may write nothing, nor may a read-only root.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --compile --upgrade "${source}[panel,osc]"
    borrow_rtmidi
    "$venv/bin/python" -c "import $libraries" ||
        fail "the installation is not whole; the line above says what is missing"
    ln -sfn "$venv/bin/perpetuum" "$link"
}

# python-rtmidi has no wheel for Python 3.13. There Debian's is lent to the virtual environment, and
# nothing else of the system's: --system-site-packages would let old libraries shadow ours.
borrow_rtmidi() {
    local site lent
    "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' || return 0
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
    lent=/usr/lib/python3/dist-packages/rtmidi
    [ -d "$lent" ] || fail "python3-rtmidi is missing: apt-get install python3-rtmidi"
    ln -sfn "$lent" "$site/rtmidi"
}

# `perpetuum setup BOARD` writes the settings, where it is asked to.
install_service() {
    install -D -m 644 -t "$units" "${services[@]/#/$project/systemd/}"
    install -D -m 644 "$project/systemd/modules-load.conf" /etc/modules-load.d/perpetuum.conf
    [ $# -gt 0 ] || [ -e "$settings/perpetuum.toml" ] ||
        install -D -m 644 "$project/systemd/perpetuum.toml" "$settings/perpetuum.toml"
}

start_service() {
    systemctl enable --quiet perpetuum.service
    if running_systemd; then
        systemctl daemon-reload
        systemctl restart --no-block perpetuum.service
        say "plays from now on and from every boot on; journalctl -u perpetuum says more"
    else
        say "plays from the next boot on"
    fi
}

open_network() {
    [ -x "$link" ] || fail "the service is not installed; first: sudo $0"
    for service in "${services[@]}"; do
        install -D -m 644 -t "$units/$service.d" "$project/systemd/network.conf"
    done
    restart_playing
    say "the service may use the network; panel = \"0.0.0.0:8765\" in $settings/perpetuum.toml serves a page"
}

close_network() {
    for service in "${services[@]}"; do
        rm -f "$units/$service.d/network.conf"
        rmdir --ignore-fail-on-non-empty "$units/$service.d" 2>/dev/null || true
    done
}

restart_playing() {
    running_systemd || return 0
    systemctl daemon-reload
    systemctl try-restart --no-block perpetuum.service 'perpetuum@*.service'
}

uninstall() {
    ! running_systemd || systemctl stop perpetuum.service 'perpetuum@*.service'
    systemctl disable --quiet perpetuum.service || true
    rm -f "$units"/multi-user.target.wants/perpetuum@*.service
    if [ -x "$link" ] && knows_setup; then
        "$link" setup --undo || say "the board's set-up could not be undone; the line above says why"
    fi
    close_network
    rm -f "${services[@]/#/$units/}" /etc/modules-load.d/perpetuum.conf "$link"
    rm -rf "$home"
    ! running_systemd || systemctl daemon-reload
    say "gone; $settings and /var/lib/perpetuum are kept"
}

knows_setup() { "$link" setup --help >/dev/null 2>&1; }

check_machine "$@"
case ${1-} in
    --uninstall)
        uninstall
        exit 0
        ;;
    --network)
        open_network
        exit 0
        ;;
    --no-network)
        close_network
        restart_playing
        say "the service may not use the network any more"
        exit 0
        ;;
esac
"$here/system_packages.sh" appliance
install_program
install_service "$@"
[ $# = 0 ] || "$link" setup "$@"
start_service
