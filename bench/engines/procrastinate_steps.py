"""Procrastinate: jobs are rows of PostgreSQL. Two workers of twenty coroutines each."""

import asyncio
import os
import sys

from _ticks import tick
from procrastinate import App, PsycopgConnector

app = App(connector=PsycopgConnector(conninfo=os.environ["BENCH_DATABASE"]))


@app.task(name="step")
async def step(number: int) -> None:
    tick()


async def enqueue(count: int) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for first in range(0, count, 1000):
            await step.batch_defer_async(*({"number": one} for one in range(first, min(first + 1000, count))))


async def work() -> None:
    async with app.open_async():
        await app.run_worker_async(concurrency=20, wait=True, listen_notify=True)


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[2])) if sys.argv[1] == "enqueue" else work())
