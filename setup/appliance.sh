#!/bin/bash
# Turn this machine into an appliance: install Perpetuum for all accounts and play from boot on.
#
#   sudo setup/appliance.sh [BOARD [--midi uart|gadget|usb] [--audio ...] [--fast-boot]]
#   sudo setup/appliance.sh --network | --no-network
#   sudo setup/appliance.sh --uninstall
#   setup/appliance.sh BOARD ... --dry-run
#   setup/appliance.sh --help
#
# BOARD and the options after it are passed to `perpetuum setup`, which configures a Raspberry Pi;
# without them only the service is installed. Run it again to upgrade: the settings stay. The service
# may not use the network, which panel, OSC and MQTT need, until `--network` allows it. `--dry-run` prints
# what would be configured, and installs nothing. With DESTDIR=FOLDER everything is installed below
# that folder, as for a package.
set -euo pipefail
# The service, which is not root, has to read all files, whatever root's umask is.
umask 022

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
root=${DESTDIR-}
home=$root/opt/perpetuum
venv=$home/venv
program=$venv/bin/perpetuum
link=$root/usr/local/bin/perpetuum
libraries="aiohttp, aiomqtt, astral, fluidsynth, lameenc, mido, numpy, onnxruntime, pythonosc, rtmidi, segno, serial, sounddevice, zeroconf"
settings=$root/etc/perpetuum
units=$root/etc/systemd/system
modules=$root/etc/modules-load.d/perpetuum.conf
services=(perpetuum.service perpetuum@.service)
below=(${root:+--root "$root"})

say() { echo "perpetuum: $*"; }

fail() {
    say "$*" >&2
    exit 1
}

refuse() {
    say "$*; nothing was changed; setup/appliance.sh --help lists what is accepted" >&2
    exit 2
}

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; }

running_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

check_machine() {
    [ "$(id -u)" = 0 ] || fail "root rights are needed; run: sudo $0 $*"
    command -v apt-get >/dev/null || fail "apt-get is missing; use Debian or Raspberry Pi OS"
    case $(dpkg --print-architecture) in
        arm64 | amd64) ;;
        *) fail "ONNX Runtime needs a 64-bit system; install the 64-bit image" ;;
    esac
}

# Check the words for `perpetuum setup` first, so that a typing mistake installs nothing.
check_words() {
    local board=
    while [ $# -gt 0 ]; do
        case $1 in
            --midi | --audio)
                [ $# -gt 1 ] || refuse "$1 needs a value"
                shift
                ;;
            --midi=* | --audio=* | --fast-boot | --dry-run) ;;
            -* | */* | "") refuse "'$1' is unknown" ;;
            *)
                [ -z "$board" ] || refuse "'$1' is one word too many"
                [ "$1" = auto ] || [ -e "$project/firmware_configs/boards/$1.toml" ] ||
                    refuse "'$1' is not a board"
                board=$1
                ;;
        esac
        shift
    done
}

# Print what the set-up of the board would change, by the program in this folder, not installed.
preview() {
    (cd "$project" && "$1" -B -E -s -m stream setup "${@:2}" --dry-run "${below[@]}")
}

preview_all() {
    local python
    python=$("$here/find_python.sh")
    echo "# would install $venv, $link and ${services[*]}"
    [ "$*" = --dry-run ] || preview "$python" "$@"
}

# Without an interpreter, the choices for the board are checked after the installation.
check_choices() {
    local python
    [ $# -gt 0 ] && python=$("$here/find_python.sh" system 2>/dev/null) || return 0
    preview "$python" "$@" >/dev/null || exit 2
}

# True if the environment is complete and belongs to the system's current interpreter.
is_whole() {
    "$here/virtual_environment.sh" check "$venv" &&
        [ "$(readlink -f "$venv/bin/python")" = "$(readlink -f "$1")" ] &&
        "$venv/bin/python" -E -m pip --version >/dev/null 2>&1
}

# pip builds in a copy, so that the checkout stays unchanged.
install_program() {
    local source python
    source=$(mktemp -d)
    # shellcheck disable=SC2064 # this folder, not that of a later call
    trap "rm -rf '$source'" EXIT
    for part in pyproject.toml setup.py LICENSE README.md stream systemd firmware_configs; do
        cp -r "$project/$part" "$source"
    done
    python=$("$here/find_python.sh" system)
    mkdir -p "$home"
    is_whole "$python" || "$here/virtual_environment.sh" make "$venv" "$python"
    say "installing into $venv"
    # If the power fails from here on, the next run makes the environment again.
    touch "$venv/.unfinished"
    # Compile now: neither the service nor a read-only root can write bytecode later.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --compile --upgrade "${source}[panel,osc,home,radio,day]"
    borrow_rtmidi
    "$venv/bin/python" -c "import $libraries" ||
        fail "the installation is incomplete; the line above names what is missing"
    # Also correct the files of an earlier run under another umask.
    chmod -R u+w,a+rX "$home"
    sync
    rm "$venv/.unfinished"
    mkdir -p "$(dirname "$link")"
    ln -sfn "${program#"$root"}" "$link"
}

# python-rtmidi has no wheel for Python 3.13, so the virtual environment links Debian's package, and
# no other: with --system-site-packages, old libraries could take precedence.
borrow_rtmidi() {
    local site lent
    "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' || return 0
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
    lent=/usr/lib/python3/dist-packages/rtmidi
    [ -d "$lent" ] || fail "python3-rtmidi is missing; run: sudo apt-get install python3-rtmidi"
    ln -sfn "$lent" "$site/rtmidi"
}

# `perpetuum setup BOARD` writes the settings if a board is given.
install_service() {
    install -D -m 644 -t "$units" "${services[@]/#/$project/systemd/}"
    install -D -m 644 "$project/systemd/modules-load.conf" "$modules"
    [ $# -gt 0 ] || [ -e "$settings/perpetuum.toml" ] ||
        install -D -m 644 "$project/systemd/perpetuum.toml" "$settings/perpetuum.toml"
    [ ! -d "$settings" ] || chmod a+rx "$settings"
}

start_service() {
    systemctl "${below[@]}" enable --quiet perpetuum.service
    if running_systemd; then
        systemctl daemon-reload
        systemctl restart --no-block perpetuum.service
        say "plays now and after every boot; journalctl -u perpetuum shows its messages"
    else
        say "plays after the next boot"
    fi
}

install_all() {
    check_choices "$@"
    "$here/system_packages.sh" appliance
    install_program
    install_service "$@"
    [ $# = 0 ] || "$program" setup "$@" "${below[@]}"
    start_service
}

open_network() {
    [ -x "$program" ] || fail "the service is not installed; first: sudo $0"
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
    systemctl "${below[@]}" disable --quiet perpetuum.service || true
    rm -f "$units"/multi-user.target.wants/perpetuum@*.service
    if [ -x "$program" ] && knows_setup; then
        "$program" setup --undo "${below[@]}" ||
            say "the board's set-up could not be undone; the line above gives the reason"
    fi
    close_network
    rm -f "${services[@]/#/$units/}" "$modules" "$link"
    rm -rf "$home"
    ! running_systemd || systemctl daemon-reload
    say "removed; $settings and /var/lib/perpetuum stay"
}

knows_setup() { "$program" setup --help >/dev/null 2>&1; }

case " $* " in
    *" --help "* | *" -h "*)
        usage
        exit 0
        ;;
esac
for word; do
    case $word in
        --undo)
            refuse "the board's set-up is undone by 'sudo perpetuum setup --undo'," \
                "everything is removed by 'sudo $0 --uninstall'"
            ;;
        --uninstall | --network | --no-network) [ $# = 1 ] || refuse "$word allows no other words" ;;
    esac
done
case ${1-} in
    --uninstall)
        check_machine "$@"
        uninstall
        ;;
    --network)
        check_machine "$@"
        open_network
        ;;
    --no-network)
        check_machine "$@"
        close_network
        restart_playing
        say "the service may no longer use the network"
        ;;
    *)
        check_words "$@"
        case " $* " in
            *" --dry-run "*) preview_all "$@" ;;
            *)
                check_machine "$@"
                install_all "$@"
                ;;
        esac
        ;;
esac
