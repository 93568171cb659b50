"""Messages rendered and sent per second: the order confirmation, with three items and three recommendations.

    ./run bench messages --json

`rendered_per_second` is composing, from queued rows to finished letters (gate, facts, blocks, Liquid), 500 at once,
without writing. `cpu_ms_per_message` is the processor time of the same. `sent_per_second` is the whole job, every state
written down, to an SMTP server in a process of its own over kept connections. `bare_per_second` hands the same finished
letters to the same server by smtplib alone, so `sent_to_bare` is what the states cost. Medians of three rounds.
"""

import argparse
import json
import statistics
from typing import Any

from bench._installation import DATABASES, command, fresh, start

ROUNDS = 3
PARTS = "bench._messages_parts"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.parse_args()
    print(json.dumps({database: measure(database) for database in DATABASES}))


def measure(database: str) -> dict[str, Any]:
    server = start({}, "-m", "bench._mail_server")
    try:
        port = json.loads(server.stdout.readline())["port"] if server.stdout else 0
        with fresh(database) as env:
            env["THEREAFTER_MAIL"] = f"smtp://127.0.0.1:{port}"
            command(env, "-m", PARTS, "prepare")
            rounds = [json.loads(command(env, "-m", PARTS, "round")) for _ in range(ROUNDS)]
    finally:
        server.terminate()
        server.wait()
    medians = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
    return {
        "rendered_per_second": round(medians["rendered"]),
        "cpu_ms_per_message": round(medians["cpu_ms"], 2),
        "sent_per_second": round(medians["sent"]),
        "bare_per_second": round(medians["bare"]),
        "sent_to_bare": round(medians["sent"] / medians["bare"], 2),
    }


if __name__ == "__main__":
    main()
