"""The parts of the benchmark of messages that run in a process of their own: prepare, round."""

import json
import smtplib
import sys
import time
from urllib.parse import urlsplit

import django

django.setup()

from django.conf import settings

from bench._pages_parts import prepare as open_shop
from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.messaging import jobs
from thereafter.messaging.actions import sending
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.messaging.channels.mime import as_bytes
from thereafter.messaging.composing import compose
from thereafter.messaging.models import Message
from thereafter.stores.models import Store

MESSAGES = 2000
TEMPLATE = "order_confirmation"


def prepare() -> None:
    """The shop of the benchmark of pages; what its journeys sent is out of the way."""
    open_shop()
    jobs.send_due(clock.now())


def one_round() -> dict[str, float]:
    queue()
    rendered = rendering()
    queue()
    begin = time.perf_counter()
    while jobs.send_due(clock.now()):
        pass
    sent = Message.objects.filter(key__startswith=f"{_round()}:", state=Message.State.SENT).count()
    return {**rendered, "sent": sent / (time.perf_counter() - begin)}


def _round() -> int:
    return Message.objects.filter(key__endswith=":0").count()


def queue() -> None:
    store, now = Store.objects.get(slug="bench"), clock.now()
    orders = list(Order.objects.of(store).order_by("pk"))
    number = _round() + 1
    send_many(
        [
            SendRequest(
                store_id=store.pk,
                customer_id=orders[at % len(orders)].customer_id,
                order_id=orders[at % len(orders)].pk,
                template=TEMPLATE,
                key=f"{number}:{at}",
                due_at=now,
            )
            for at in range(MESSAGES)
        ],
        now,
    )


def rendering() -> dict[str, float]:
    """Composes what was queued, then hands the letters over by smtplib alone; the rows are taken away."""
    now, letters = clock.now(), []
    taken, cpu = 0.0, 0.0
    while claimed := sending.claim(now, jobs.BATCH):
        begin, begin_cpu = time.perf_counter(), time.process_time()
        letters += [one.letter for one in compose(claimed, now) if one.letter]
        taken, cpu = taken + time.perf_counter() - begin, cpu + time.process_time() - begin_cpu
    Message.objects.filter(key__startswith=f"{_round()}:").delete()
    if len(letters) < MESSAGES:
        raise RuntimeError(f"only {len(letters)} of {MESSAGES} letters were composed")
    where = urlsplit(settings.MAIL_URL)
    begin = time.perf_counter()
    with smtplib.SMTP(str(where.hostname), int(where.port or 25)) as connection:
        for letter in letters:
            connection.sendmail("bench@bench.example", [letter.to], as_bytes(letter))
    bare = len(letters) / (time.perf_counter() - begin)
    return {"rendered": len(letters) / taken, "cpu_ms": cpu / len(letters) * 1000, "bare": bare}


if __name__ == "__main__":
    print(json.dumps({"prepare": prepare, "round": one_round}[sys.argv[1]]()))
