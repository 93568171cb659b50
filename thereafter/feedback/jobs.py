import logging
from datetime import datetime

from thereafter.feedback import question_links, review_letters
from thereafter.feedback.actions import (
    asking,
    follow_ups,
    intake,
    learning,
    open_reviews,
    openings,
    questions,
    ratings,
    reminding,
    review_fetching,
    review_imports,
    review_intake,
    themes,
)
from thereafter.stores.models import Store
from thereafter.timeline import inbox, peek
from thereafter.timeline.schedule import every

log = logging.getLogger(__name__)
# A call may hold a thousand answers.
CALLS_AT_ONCE = 20


@every(seconds=1)
def take_answers(now: datetime) -> int:
    """Drains what was sent to us of answers collected elsewhere."""
    return inbox.drain(intake.ROOM, lambda rows: intake.take_calls(rows, now=now), now, limit=CALLS_AT_ONCE)


@every(seconds=1)
def take_reviews(now: datetime) -> int:
    """Drains reviews that the shop's own systems sent."""
    taken = review_intake
    return inbox.drain(taken.ROOM, lambda rows: taken.take_calls(rows, now=now), now, limit=CALLS_AT_ONCE)


@every(seconds=60)
def ask_who_waits(now: datetime) -> int:
    """People who may be asked by now what had to wait."""
    return asking.turn(now)


@every(minutes=15)
def remind_once(now: datetime) -> int:
    """Who was asked and has not answered."""
    return reminding.turn(now)


@every(minutes=10)
def look_after_follow_ups(now: datetime) -> int:
    """Whom to ask again, and what nobody answered in time."""
    return follow_ups.turn(now)


@every(seconds=30)
def judge_openings(now: datetime) -> int:
    """Links of mails that were opened: by whom, and whether that counts."""
    return openings.turn(now)


@every(seconds=1)
def bring_reviews(now: datetime) -> int:
    """The next rows of a file of reviews that is being brought in."""
    return review_imports.carry_on(now) if peek.anything("feedback_reviewimport", "state = 'running'") else 0


@every(seconds=5)
def fetch_photos(now: datetime) -> int:
    """Photos of reviews that were brought, from where they stood."""
    return review_fetching.fetch_due(now) if peek.anything("feedback_reviewphoto", "fetch_at <= %s", now) else 0


@every(minutes=5)
def read_comments(now: datetime) -> int:
    """What people speak of in the comments that came."""
    return themes.read_new(now)


@every(days=1)
def learn_words(now: datetime) -> int:
    """Where enough comments came since the last time."""
    return sum(learning.refresh(store, now) for store in Store.objects.all())


@every(days=7)
def look_through_comments(now: datetime) -> int:
    """Comments that were brought in with an old date, and those that are gone."""
    return themes.look_through(now)


@every(seconds=2)
def ask_authors(now: datetime) -> int:
    """Mails that ask people we do not know whether a review is theirs."""
    return review_letters.send_due(now)


@every(days=1)
def forget_unconfirmed(now: datetime) -> int:
    return open_reviews.forget_unconfirmed(now)


@every(seconds=10)
def send_question_letters(now: datetime) -> int:
    """Whether a question about a product is theirs, to those we do not know."""
    return question_links.send_letters(now)


@every(minutes=30)
def ask_the_next_buyers(now: datetime) -> int:
    """Of questions that nobody has answered yet."""
    return questions.turn(now)


@every(days=1)
def forget_unconfirmed_questions(now: datetime) -> int:
    return questions.forget_unconfirmed(now)


@every(days=1)
def prove_ratings(now: datetime) -> int:
    """Shows that the kept numbers of each product's reviews are what counting gives; those that are not are mended."""
    wrong = ratings.prove(now)
    if wrong:
        log.error("the kept numbers of reviews of %s products were not what counting gives; they are mended", wrong)
    return wrong
