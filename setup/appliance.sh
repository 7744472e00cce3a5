#!/bin/bash
# Makes this machine an appliance: installs Perpetuum for all accounts and plays from boot on.
#
#   sudo setup/appliance.sh [BOARD [--midi uart|gadget|usb] [--audio ...] ...]
#   sudo setup/appliance.sh --uninstall
#
# BOARD and what follows go to `perpetuum setup`, which configures a Raspberry Pi; without them
# nothing but the service is installed. Run it again to upgrade: the settings are kept.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
home=/opt/perpetuum
venv=$home/venv
link=/usr/local/bin/perpetuum
settings=/etc/perpetuum
units=/etc/systemd/system

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
        --compile --upgrade "$source"
    borrow_rtmidi
    "$venv/bin/python" -c 'import fluidsynth, mido, numpy, onnxruntime, rtmidi, serial, sounddevice' ||
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
    install -D -m 644 -t "$units" "$project"/systemd/perpetuum.service "$project"/systemd/perpetuum@.service
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

uninstall() {
    ! running_systemd || systemctl stop perpetuum.service 'perpetuum@*.service'
    systemctl disable --quiet perpetuum.service || true
    rm -f "$units"/multi-user.target.wants/perpetuum@*.service
    if [ -x "$link" ] && knows_setup; then
        "$link" setup --undo || say "the board's set-up could not be undone; the line above says why"
    fi
    rm -f "$units"/perpetuum.service "$units"/perpetuum@.service /etc/modules-load.d/perpetuum.conf "$link"
    rm -rf "$home"
    ! running_systemd || systemctl daemon-reload
    say "gone; $settings and /var/lib/perpetuum are kept"
}

knows_setup() { "$link" setup --help >/dev/null 2>&1; }

check_machine "$@"
if [ "${1-}" = --uninstall ]; then
    uninstall
    exit 0
fi
"$here/system_packages.sh" appliance
install_program
install_service "$@"
[ $# = 0 ] || "$link" setup "$@"
start_service
