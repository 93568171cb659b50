#!/bin/sh
# Everything CI asks besides the tests; called by `./run check`. It goes through all steps and names those that failed.
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
failed=

step() {
    title=$1
    shift
    echo "== $title"
    "$@" || failed="$failed $title;"
}

sources=$(ls -d thereafter tests bench tools conftest.py manage.py 2>/dev/null)
imports() { python -c 'from importlinter.cli import lint_imports_command as lint; lint(["--no-logo"])'; }
events_page() {
    thereafter events --markdown >.venv/events.md && diff docs/events.md .venv/events.md && return
    echo "To renew it: .venv/bin/thereafter events --markdown > docs/events.md"
    return 1
}

step "Format" python -m ruff format --quiet --diff .
step "Lint" python -m ruff check --quiet .
step "Types" python -m mypy $sources
step "Imports" imports
step "Migrations" python manage.py makemigrations --check --dry-run
step "House rules" python -m tools.guard
step "Events page" events_page

if [ -n "$failed" ]; then
    echo "Failed:${failed%;}"
    exit 1
fi
echo "All checks passed"
