#!/bin/sh
# virtual_environment.sh check FOLDER          exit with 0 if FOLDER is a complete virtual environment
# virtual_environment.sh make FOLDER PYTHON    replace FOLDER by a new environment of an interpreter
#
# An environment is incomplete if its interpreter is missing, or was replaced by an upgrade of the
# system, or if the power failed during its creation, which is marked by FOLDER/.unfinished.
set -eu

check() {
    [ ! -e "$1/.unfinished" ] && [ -x "$1/bin/python" ] || return 1
    "$1/bin/python" -E -c '
import os, sys, sysconfig
libraries = sysconfig.get_path("purelib")
sys.exit(sys.prefix == sys.base_prefix or not os.path.isdir(libraries) or not os.listdir(libraries))
' >/dev/null 2>&1
}

make() {
    rm -rf "$1"
    mkdir -p "$1"
    touch "$1/.unfinished"
    sync "$1" 2>/dev/null || true
    "$2" -m venv "$1" || { rm -rf "$1"; exit 1; }
    rm "$1/.unfinished"
}

case "${1-} $#" in
    "check 2") check "$2" ;;
    "make 3") make "$2" "$3" ;;
    *)
        echo "usage: virtual_environment.sh check FOLDER | make FOLDER PYTHON" >&2
        exit 2
        ;;
esac
