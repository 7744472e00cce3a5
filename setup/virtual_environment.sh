#!/bin/sh
# virtual_environment.sh check FOLDER          exits with 0 if a whole virtual environment is there
# virtual_environment.sh make FOLDER PYTHON    makes one of an interpreter, in place of what is there
#
# One is not whole if its interpreter is gone, or has become another with the next version of the
# system, or if it was being made when the power failed: until all is there, FOLDER/.unfinished is.
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
