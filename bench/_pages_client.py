"""A reader of pages over kept connections, plain asyncio: `python -m bench._pages_client PORT SECONDS`
reads the addresses as a JSON list from standard input and prints requests per second and p95."""

import asyncio
import json
import sys
import time

CONNECTIONS = 16


class Reader:
    def __init__(self, port: int, paths: list[str]) -> None:
        self.port, self.paths = port, paths
        self.tags: dict[str, str] = {}
        self.next = 0
        self.times: list[float] = []
        self.statuses: dict[str, int] = {}

    async def read_all(self) -> None:
        """Each page once, which gathers its document and gives its tag."""
        await asyncio.gather(*(self._turns(len(self.paths), 0.0, False) for _ in range(1)))

    async def measure(self, seconds: float, unchanged: bool) -> dict[str, object]:
        self.times, self.statuses = [], {}
        began = time.perf_counter()
        await asyncio.gather(*(self._turns(0, began + seconds, unchanged) for _ in range(CONNECTIONS)))
        taken = time.perf_counter() - began
        ordered = sorted(self.times)
        return {
            "requests_per_second": round(len(ordered) / taken),
            "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
            "statuses": self.statuses,
        }

    async def _turns(self, most: int, until: float, unchanged: bool) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        done = 0
        while done < most or time.perf_counter() < until:
            path = self.paths[self.next % len(self.paths)]
            self.next += 1
            done += 1
            await self._ask(reader, writer, path, unchanged)
        writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, unchanged: bool
    ) -> None:
        seen = f"If-None-Match: {self.tags[path]}\r\n" if unchanged else ""
        began = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{seen}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, fields = (
            head[9:12],
            dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line),
        )
        if status != "304":
            await reader.readexactly(int(fields["content-length"]))
        self.times.append(time.perf_counter() - began)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.tags[path] = fields.get("etag", "")


async def main() -> None:
    reader = Reader(int(sys.argv[1]), json.load(sys.stdin))
    began = time.perf_counter()
    await reader.read_all()
    gathered = len(reader.paths) / (time.perf_counter() - began)
    print(
        json.dumps(
            {
                "gathered_per_second": round(gathered),
                "uncached": await reader.measure(float(sys.argv[2]), False),
                "unchanged": await reader.measure(float(sys.argv[2]), True),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
