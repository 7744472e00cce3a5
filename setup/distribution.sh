#!/bin/bash
# distribution.sh PYTHON FOLDER: builds the source distribution and the wheel into FOLDER with PYTHON,
# then tries the wheel in a clean environment of each supported Python, and runs a part of the tests
# of the unpacked source distribution with PYTHON.
set -euo pipefail
builder=$(realpath -s "$1")
folder=$2
versions=(3.11 3.12 3.13)
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { echo "distribution: $*"; }

# An interpreter of a version: one on the PATH, or the newest one that pyenv has.
interpreter() {
    local candidate
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
        if "$candidate" -c 'import ensurepip' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    say "Python $1 is not installed; install python$1 and python$1-venv, or 'pyenv install $1'" >&2
    return 1
}

# Run what a user runs first, outside of the checkout.
try_wheel() {
    local python=$1 program=$scratch/$2/bin/perpetuum
    "$python" -m venv "$scratch/$2"
    "$scratch/$2/bin/python" -m pip install --quiet --disable-pip-version-check "$3[panel,osc]" \
        2>"$scratch/pip.log" || { cat "$scratch/pip.log" >&2; return 1; }
    cd "$scratch"
    "$program" --version
    "$program" voices >/dev/null
    "$program" config --show >/dev/null
    "$program" setup pi4 --midi uart --dry-run --root "$scratch/root" >/dev/null
    "$program" render --minutes 0.5 --seed 1 "$2.mid" >/dev/null
    "$program" play --out null --minutes 0.05 >/dev/null
    cd "$here"
}

rm -f "$folder"/perpetuum-*
(cd "$here" && "$builder" -c "
import sys
from setuptools import build_meta
folder = sys.argv[1]  # the build changes sys.argv
build_meta.build_sdist(folder)
build_meta.build_wheel(folder)
" "$folder") >"$scratch/build.log" 2>&1 || { cat "$scratch/build.log" >&2; exit 1; }
wheel=$(ls "$folder"/perpetuum-*.whl)
archive=$(ls "$folder"/perpetuum-*.tar.gz)
say "built ${wheel##*/} and ${archive##*/}"
mkdir -p "$scratch/root/boot/firmware"
touch "$scratch/root/boot/firmware/config.txt"
echo "console=tty1 root=/dev/mmcblk0p2" >"$scratch/root/boot/firmware/cmdline.txt"
for version in "${versions[@]}"; do
    python=$(interpreter "$version")
    try_wheel "$python" "$version" "$wheel"
    say "the wheel plays with Python $version"
done
cmp "$scratch/3.11.mid" "$scratch/3.12.mid"
cmp "$scratch/3.11.mid" "$scratch/3.13.mid"
say "the same seed gives the same bytes with each of them"
tar -xzf "$archive" -C "$scratch"
(cd "$scratch"/perpetuum-*/ && "$builder" -m pytest -p no:cacheprovider tests/test_structure.py \
    tests/test_release.py tests/stream/music tests/stream/voices tests/stream/config)
say "the tests of the source distribution pass"
