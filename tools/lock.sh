#!/bin/sh
# Rewrites the five lock files from the ranges in pyproject.toml. Locked versions stay unless --upgrade is given.
set -eu
cd "$(dirname "$0")/.."
. tools/setup.sh
find_uv
exec "$PYTHON" tools/lock.py "$UV" "$@"
