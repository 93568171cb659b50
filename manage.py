"""Django's own command line; what a merchant types is `.venv/bin/thereafter`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thereafter.config.settings")
    execute_from_command_line(sys.argv)
