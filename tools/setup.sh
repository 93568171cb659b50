# Sourced by run and lock.sh, from the top of the checkout: `set_up run` or `set_up dev` leaves a ready .venv.
# It needs neither root, uv, the venv module nor ensurepip: uv makes the .venv where it can, else pip fills one made by hand.
PYTHON=${PYTHON:-python3}

set_up() {
    # Demo never takes the developers' packages away again.
    if [ "$1" = run ] && [ -e .venv/requirements-dev.lock ]; then set -- dev; fi
    if [ "$1" = dev ]; then lock=requirements-dev.lock; else lock=requirements.lock; fi
    # A copy of the lock in the .venv is the stamp: it is written last.
    if [ ! -x .venv/bin/python ] || ! cmp -s "$lock" ".venv/$lock"; then
        require_python
        echo "Setting up .venv from $lock" >&2
        install_with_uv "$lock" || install_with_pip "$lock"
        add_ourselves
        cp "$lock" ".venv/$lock"
    fi
    compile_translations
}

require_python() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return
    echo "Thereafter needs Python 3.11 or newer; name one with PYTHON=... ./run" >&2
    exit 1
}

find_uv() {
    if [ -x .tools/bin/uv ]; then
        UV=.tools/bin/uv
    elif command -v uv >/dev/null 2>&1; then
        UV=uv
    else
        PIP_ROOT_USER_ACTION=ignore "$PYTHON" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
            --require-hashes --target .tools --requirement tools/uv.txt && UV=.tools/bin/uv
    fi
}

install_with_uv() {
    find_uv &&
        "$UV" venv --quiet --allow-existing --python "$PYTHON" --no-python-downloads .venv &&
        "$UV" pip sync --quiet --python .venv/bin/python --require-hashes "$1"
}

install_with_pip() {
    echo "uv cannot be used here; taking pip, which is slower" >&2
    "$PYTHON" tools/bare_venv.py .venv
    PIP_ROOT_USER_ACTION=ignore "$PYTHON" -m pip --python .venv/bin/python install --quiet \
        --disable-pip-version-check --require-hashes --requirement "$1"
}

# We run from the checkout and never build ourselves: one relative path line, and the command.
add_ourselves() {
    for site in .venv/lib/python*/site-packages; do echo ../../../.. >"$site/thereafter.pth"; done
    cat >.venv/bin/thereafter <<'SCRIPT'
#!/bin/sh
exec "$(dirname "$0")/python" -Pc 'import sys; from thereafter.config.cli import main; sys.exit(main())' "$@"
SCRIPT
    chmod +x .venv/bin/thereafter
}

compile_translations() {
    stale=$(find thereafter -path '*/locale/*/LC_MESSAGES/*.po' 2>/dev/null | while read -r po; do
        if [ ! -e "${po%.po}.mo" ] || [ "$po" -nt "${po%.po}.mo" ]; then echo "$po"; fi
    done)
    if [ -n "$stale" ]; then echo "$stale" | .venv/bin/python -m tools.translations; fi
}
