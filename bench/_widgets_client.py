"""A reader of widgets: `python -m bench._widgets_client PORT SECONDS CONNECTIONS` reads the addresses as a JSON list
from standard input; first each whole, then asking whether it changed."""

import asyncio
import json
import sys

from bench import _pages_client
from bench._pages_client import Reader


async def main() -> None:
    _pages_client.CONNECTIONS = int(sys.argv[3])
    reader, seconds = Reader(int(sys.argv[1]), json.load(sys.stdin)), float(sys.argv[2])
    await reader.read_all()
    changed = await reader.measure(seconds, unchanged=False)
    print(json.dumps({"changed": changed, "unchanged": await reader.measure(seconds, unchanged=True)}))


if __name__ == "__main__":
    asyncio.run(main())
