"""What is done again and again: `@every(hours=1)` above a function in a module's `jobs.py`.

A job of a minute or more runs once for the whole installation each time it is due. A shorter one is a drain: every
worker runs it in every round, it claims its own rows and returns how many it handled, and the worker goes on without
a pause while there is something to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from thereafter.timeline.models import ScheduledJob

Work = Callable[[datetime], int | None]


@dataclass(frozen=True)
class Job:
    name: str
    period: timedelta
    work: Work

    @property
    def is_drain(self) -> bool:
        return self.period < timedelta(minutes=1)


_jobs: dict[str, Job] = {}


def every(*, seconds: int = 0, minutes: int = 0, hours: int = 0, days: int = 0) -> Callable[[Work], Work]:
    """Runs the function, given the moment, each time the period has passed."""
    period = timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)

    def schedule(work: Work) -> Work:
        module = work.__module__.removeprefix("thereafter.").split(".")[0]
        job = Job(f"{module}.{work.__name__}", period, work)
        if job.name in _jobs:
            raise TypeError(f"two jobs are named {job.name}")
        _jobs[job.name] = job
        return work

    return schedule


def jobs() -> list[Job]:
    return list(_jobs.values())


def run_drains(now: datetime) -> int:
    """Runs every drain once; one that fails does not keep the others waiting, and is raised when they are done."""
    done, failed = 0, []
    for job in jobs():
        if job.is_drain:
            try:
                done += job.work(now) or 0
            except Exception as error:
                error.add_note(f"in {job.name}")
                failed.append(error)
    if failed:
        raise failed[0]
    return done


def run_due_jobs(now: datetime) -> int:
    """Runs the long-period jobs that are due and not taken by another worker; returns how many."""
    turns = dict(ScheduledJob.objects.values_list("name", "due_at"))
    due = [job for job in jobs() if not job.is_drain and turns.get(job.name, now) <= now]
    return sum(_take_turn(job, now, is_first=job.name not in turns) for job in due)


def _take_turn(job: Job, now: datetime, *, is_first: bool) -> bool:
    """The row decides which worker's turn it is."""
    next_turn = now + job.period
    if is_first:
        _, mine = ScheduledJob.objects.get_or_create(name=job.name, defaults={"due_at": next_turn})
    else:
        mine = bool(ScheduledJob.objects.filter(name=job.name, due_at__lte=now).update(due_at=next_turn))
    if mine:
        job.work(now)
    return mine
