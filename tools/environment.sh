#!/bin/sh
# environment.sh ARGUMENT...: makes .venv with the newest Python that fits, and has its pip install the arguments.
# An environment whose last installation was broken off is made anew.
set -eu
wanted="import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"

find_python() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        # A name alone is not enough: it may stand for a version that is not there.
        if "$name" -c "$wanted" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
}

if [ -e .venv/.installing ] || ! .venv/bin/python -c "import pip; $wanted" >/dev/null 2>&1; then
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "Digit Studio needs Python 3.11, 3.12 or 3.13, and none of them was found here. Install one, with its venv module." >&2
        exit 1
    fi
    rm -rf .venv
    "$python" -m venv .venv
fi
if [ ! -e .venv/.app ]; then
    echo "Installing what Digit Studio needs, for $(.venv/bin/python --version). The first time this takes a minute or two."
fi
touch .venv/.installing
.venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
rm .venv/.installing
