#!/bin/sh
# `./run bench NAME ...` runs bench/NAME.py, `./run bench` all of them; each prints one JSON object.
set -eu
cd "$(dirname "$0")/.."
if [ $# -gt 0 ]; then
    name=$1
    shift
    exec .venv/bin/python -m "bench.$name" "$@"
fi
for bench in bench/[!_]*.py; do
    name=$(basename "$bench" .py)
    .venv/bin/python -m "bench.$name" --json
done
