from datetime import UTC, datetime, timedelta

import pytest

from thereafter.timeline import schedule
from thereafter.timeline.schedule import every

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ran: list[datetime] = []


@every(hours=1)
def chime(now: datetime) -> None:
    ran.append(now)


def test_a_long_job_runs_once_per_period_for_the_whole_installation() -> None:
    ran.clear()
    for minutes in (0, 1, 59, 60, 61):
        schedule.run_due_jobs(NOON + timedelta(minutes=minutes))
    assert ran == [NOON, NOON + timedelta(hours=1)]


def test_two_jobs_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two jobs"):
        every(hours=2)(chime)


def test_a_drain_that_fails_does_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def choke(now: datetime) -> int:
        raise ValueError("stuck")

    def flow(now: datetime) -> int:
        ran.append(now)
        return 1

    ran.clear()
    drains = [schedule.Job(work.__name__, timedelta(seconds=1), work) for work in (choke, flow)]
    monkeypatch.setattr(schedule, "jobs", lambda: drains)
    with pytest.raises(ValueError, match="stuck"):
        schedule.run_drains(NOON)
    assert ran == [NOON]
