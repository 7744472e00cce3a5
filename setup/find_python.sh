#!/bin/sh
# Prints the first interpreter that serves: 3.12, 3.11, or whatever python3 is, if at least 3.11.
# Each one is run, because a version manager leaves names behind that fail when started.
for python in "$PYTHON" python3.12 /usr/bin/python3.12 python3.11 /usr/bin/python3.11 python3; do
    [ -n "$python" ] || continue
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$python"
        exit 0
    fi
done
echo "perpetuum needs Python 3.11 or 3.12: sudo apt-get install python3 python3-venv" >&2
exit 1
