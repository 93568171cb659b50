#!/bin/sh
# Shoppers' words: gather them from templates and code, and bring the catalogues up to date.
# Then translate what is new in thereafter/storefront/locale/*/LC_MESSAGES/django.po; `./run setup` compiles.
set -eu
cd "$(dirname "$0")/.."
gathered=$(mktemp)
trap 'rm -f "$gathered"' EXIT

# Without places, and in alphabetical order, so that a diff shows words only.
.venv/bin/pybabel -q extract --mapping=tools/babel.cfg --keywords=gettext_noop --keywords=gettext_lazy --no-location --sort-output --width=120 \
    --project=Thereafter --output="$gathered" thereafter
.venv/bin/pybabel -q update --input-file="$gathered" --output-dir=thereafter/storefront/locale --domain=django \
    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120
