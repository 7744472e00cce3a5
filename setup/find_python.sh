#!/bin/sh
# find_python.sh           print the first interpreter that is suitable: 3.12, 3.11, or python3 if it
#                          is at least 3.11; $PYTHON is tried before all others
# find_python.sh system    print the first one of the system: a service may start before home folders
#                          are mounted, and may not read them
# Each one is run, because version managers leave commands behind that fail when started.
case ${1-} in
    "") set -- "${PYTHON-}" python3.12 /usr/bin/python3.12 python3.11 /usr/bin/python3.11 python3 ;;
    system) set -- /usr/bin/python3.12 /usr/bin/python3.11 /usr/bin/python3 ;;
    *)
        echo "usage: find_python.sh [system]" >&2
        exit 2
        ;;
esac
suits() { "$1" -E -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# /usr/bin/python3 may be a link out of /usr.
allowed() {
    case $1 in
        /usr/bin/*) case $(readlink -f "$1") in /usr/*) ;; *) return 1 ;; esac ;;
    esac
}

for python; do
    if [ -n "$python" ] && allowed "$python" && suits "$python"; then
        command -v "$python"
        exit 0
    fi
done
echo "perpetuum needs Python 3.11 or later; run: sudo apt-get install python3 python3-venv" >&2
exit 1
