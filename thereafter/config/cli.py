"""The command `thereafter`: Django's commands and those that our modules bring."""

import os
import sys

from django.core.management import execute_from_command_line

# Words of Python cannot name a module.
_ALIASES = {"import": "import_orders"}


def main(argv: list[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thereafter.config.settings")
    given = list(sys.argv[1:] if argv is None else argv)
    if given and given[0] in _ALIASES:
        given[0] = _ALIASES[given[0]]
    execute_from_command_line(["thereafter", *given])
    return 0


if __name__ == "__main__":
    sys.exit(main())
