"""DBOS: a workflow with one step, both written down in PostgreSQL, started through its queue."""

import os
import sys
import threading

from _ticks import tick
from dbos import DBOS, DBOSClient, EnqueueOptions

QUEUE = "steps"


@DBOS.step()
def step(number: int) -> int:
    tick()
    return number


@DBOS.workflow(name="journey")
def journey(number: int) -> int:
    done: int = step(number)
    return done


def enqueue(count: int) -> None:
    client = DBOSClient(system_database_url=os.environ["BENCH_DATABASE"])
    options: EnqueueOptions = {"queue_name": QUEUE, "workflow_name": "journey", "app_version": "bench"}
    for number in range(count):
        client.enqueue(options, number)


def prepare_and_work() -> None:
    DBOS(
        config={
            "name": "bench",
            "system_database_url": os.environ["BENCH_DATABASE"],
            "application_version": "bench",
            "executor_id": os.environ.get("BENCH_WORKER", "1"),
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    DBOS.launch()
    DBOS.register_queue(QUEUE)
    threading.Event().wait()


if __name__ == "__main__":
    enqueue(int(sys.argv[2])) if sys.argv[1] == "enqueue" else prepare_and_work()
