"""The command `thereafter`: Django's commands and those that our modules bring."""

import os
import sys

from django.core.management import execute_from_command_line
from django.core.management.base import BaseCommand

from thereafter.config.management.commands import bench
from thereafter.feedback.management.commands import reviews, score
from thereafter.tracking.management.commands import recognise

# Words of Python cannot name a module.
_ALIASES = {"import": "import_orders"}
# These need no models: without them they answer at once.
_AT_ONCE: dict[str, type[BaseCommand]] = {
    "bench": bench.Command,
    "recognise": recognise.Command,
    "reviews": reviews.Command,
    "score": score.Command,
}


def main(argv: list[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thereafter.config.settings")
    given = list(sys.argv[1:] if argv is None else argv)
    if given and given[0] in _ALIASES:
        given[0] = _ALIASES[given[0]]
    if given and given[0] in _AT_ONCE:
        _AT_ONCE[given[0]]().run_from_argv(["thereafter", *given])
    else:
        execute_from_command_line(["thereafter", *given])
    return 0


if __name__ == "__main__":
    sys.exit(main())
