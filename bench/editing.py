"""Publishing a new version of a live journey under the people who are in it: kept, moved, ended.

    ./run bench editing --json [--people 10000] [--only postgresql,sqlite]

So many people stand in each of three waits, of which the new version changes one, drops one and leaves one as it was.
For each choice: seconds of the preview and of publishing, their queries, by how many megabytes the process grew, and
whether what came of it is what the preview had shown (`as_previewed`). The last line is the JSON.
"""

import argparse
import json
from typing import Any

from bench._installation import DATABASES, command, fresh

PARTS = "bench._editing_parts"
CHOICES = ("keep", "move", "end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--people", type=int, default=10_000, help="in each step")
    parser.add_argument("--only", default=",".join(DATABASES))
    given = parser.parse_args()
    wanted = [name for name in reversed(DATABASES) if name in given.only.split(",")]
    print(json.dumps({name: measure(name, given.people) for name in wanted}))


def measure(database: str, people: int) -> dict[str, Any]:
    with fresh(database) as env:
        return {choice: json.loads(command(env, "-m", PARTS, choice, str(people))) for choice in CHOICES}


if __name__ == "__main__":
    main()
