"""Celery: messages kept by the broker, acknowledged after the step is done."""

import os
import sys

from _ticks import tick
from celery import Celery

app = Celery("bench", broker=os.environ["BENCH_BROKER"])
app.conf.update(task_acks_late=True, task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="step")
def step(number: int) -> None:
    tick()


def enqueue(count: int) -> None:
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(count):
            step.apply_async((number,), producer=producer)


def work() -> None:
    app.worker_main(["worker", "--concurrency=2", "--loglevel=error", "--without-gossip", "--without-mingle"])


if __name__ == "__main__":
    enqueue(int(sys.argv[2])) if sys.argv[1] == "enqueue" else work()
