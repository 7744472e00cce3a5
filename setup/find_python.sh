#!/bin/sh
# find_python.sh           prints the first interpreter that serves: 3.12, 3.11, or whatever python3
#                          is, if at least 3.11; $PYTHON comes before them all
# find_python.sh system    prints the first one of the system's own: a service starts before anybody's
#                          home is there, and may not look into one
# Each one is run, because a version manager leaves names behind that fail when started.
case ${1-} in
    "") set -- "${PYTHON-}" python3.12 /usr/bin/python3.12 python3.11 /usr/bin/python3.11 python3 ;;
    system) set -- /usr/bin/python3.12 /usr/bin/python3.11 /usr/bin/python3 ;;
    *)
        echo "usage: find_python.sh [system]" >&2
        exit 2
        ;;
esac
serves() { "$1" -E -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# /usr/bin/python3 may be a link to anywhere.
allowed() {
    case $1 in
        /usr/bin/*) case $(readlink -f "$1") in /usr/*) ;; *) return 1 ;; esac ;;
    esac
}

for python; do
    if [ -n "$python" ] && allowed "$python" && serves "$python"; then
        command -v "$python"
        exit 0
    fi
done
echo "perpetuum needs Python 3.11 or later: sudo apt-get install python3 python3-venv" >&2
exit 1
