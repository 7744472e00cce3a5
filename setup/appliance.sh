#!/bin/bash
# Makes this machine an appliance: installs Perpetuum for all accounts and plays from boot on.
#
#   sudo setup/appliance.sh [BOARD [--midi uart|gadget|usb] [--audio ...] [--fast-boot]]
#   sudo setup/appliance.sh --network | --no-network
#   sudo setup/appliance.sh --uninstall
#   setup/appliance.sh BOARD ... --dry-run
#   setup/appliance.sh --help
#
# BOARD and what follows go to `perpetuum setup`, which configures a Raspberry Pi; without them
# nothing but the service is installed. Run it again to upgrade: the settings are kept. The service
# reaches no network, and is not reached, until `--network` says so: panel and OSC need it.
# `--dry-run` shows what would be configured, and installs nothing. With DESTDIR=FOLDER everything
# goes below that folder, as packages are made.
set -euo pipefail
# Whatever root's umask is: the service is not root.
umask 022

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
root=${DESTDIR-}
home=$root/opt/perpetuum
venv=$home/venv
program=$venv/bin/perpetuum
link=$root/usr/local/bin/perpetuum
libraries="aiohttp, fluidsynth, mido, numpy, onnxruntime, pythonosc, rtmidi, serial, sounddevice"
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
    say "$*; nothing was changed; setup/appliance.sh --help tells what there is" >&2
    exit 2
}

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; }

running_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

check_machine() {
    [ "$(id -u)" = 0 ] || fail "this has to be done by root: sudo $0 $*"
    command -v apt-get >/dev/null || fail "this needs Debian or Raspberry Pi OS"
    case $(dpkg --print-architecture) in
        arm64 | amd64) ;;
        *) fail "this needs a 64-bit system: ONNX Runtime knows no other; install the 64-bit image" ;;
    esac
}

# Words for `perpetuum setup`, looked at before anything is done: a slip of the pen installs nothing.
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
                    refuse "'$1' is no board"
                board=$1
                ;;
        esac
        shift
    done
}

# What the set-up of the board would change, by the program as it lies here: it needs no installation.
preview() {
    (cd "$project" && "$1" -B -E -s -m stream setup "${@:2}" --dry-run "${below[@]}")
}

preview_all() {
    local python
    python=$("$here/find_python.sh")
    echo "# would install $venv, $link and ${services[*]}"
    [ "$*" = --dry-run ] || preview "$python" "$@"
}

# Where there is no interpreter yet, the board's own choices are looked at after the installation.
check_choices() {
    local python
    [ $# -gt 0 ] && python=$("$here/find_python.sh" system 2>/dev/null) || return 0
    preview "$python" "$@" >/dev/null || exit 2
}

# Of the interpreter that the system has now, and with all that a finished one has.
is_whole() {
    "$here/virtual_environment.sh" check "$venv" &&
        [ "$(readlink -f "$venv/bin/python")" = "$(readlink -f "$1")" ] &&
        "$venv/bin/python" -E -m pip --version >/dev/null 2>&1
}

# pip builds in the folder it is given; the checkout stays as it is.
install_program() {
    local source python
    source=$(mktemp -d)
    # shellcheck disable=SC2064 # this folder, not the one of a later call
    trap "rm -rf '$source'" EXIT
    for part in pyproject.toml setup.py LICENSE README.md stream systemd firmware_configs; do
        cp -r "$project/$part" "$source"
    done
    python=$("$here/find_python.sh" system)
    mkdir -p "$home"
    is_whole "$python" || "$here/virtual_environment.sh" make "$venv" "$python"
    say "installing into $venv"
    # If the power fails from here on, the next try begins anew.
    touch "$venv/.unfinished"
    # The bytecode is made now: the service may write nothing, nor may a read-only root.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --compile --upgrade "${source}[panel,osc]"
    borrow_rtmidi
    "$venv/bin/python" -c "import $libraries" ||
        fail "the installation is not whole; the line above says what is missing"
    # What an earlier try made under another umask, too.
    chmod -R u+w,a+rX "$home"
    sync
    rm "$venv/.unfinished"
    mkdir -p "$(dirname "$link")"
    ln -sfn "${program#"$root"}" "$link"
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
        say "plays from now on and from every boot on; journalctl -u perpetuum says more"
    else
        say "plays from the next boot on"
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
            say "the board's set-up could not be undone; the line above says why"
    fi
    close_network
    rm -f "${services[@]/#/$units/}" "$modules" "$link"
    rm -rf "$home"
    ! running_systemd || systemctl daemon-reload
    say "gone; $settings and /var/lib/perpetuum are kept"
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
            refuse "the board's set-up alone is taken back by 'sudo perpetuum setup --undo'," \
                "everything by 'sudo $0 --uninstall'"
            ;;
        --uninstall | --network | --no-network) [ $# = 1 ] || refuse "$word stands alone" ;;
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
        say "the service may not use the network any more"
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
