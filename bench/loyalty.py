"""What the ledger of points costs the machine, beside a bare loop of INSERTs in the same run.

    ./run bench loyalty --json [--database sqlite,postgresql] [--lots 4000]

In a fresh installation on each database: awards in batches of 500 and one by one; redemptions on one hot account, on
1,000 accounts, and on the hot one by eight connections at once; the expiry of `--lots` lots in one moment (ten to a
member; `--lots 1000000` takes minutes, most of them to give the points). Each award, redemption and expiry writes its
entry, lot or allocations, both postings, the account, the customer's trait and the event; the bare loop writes one row
of four columns, with as many transactions. Rates are medians of three rounds in turns with the bare loop (expiry: one
round); `times_as_long_as_bare` is the ratio. The ledger is proved whole at the end. The last line is the JSON.
"""

import argparse
import json

from bench._installation import DATABASES, command, fresh

PARTS = "bench._loyalty_parts"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--database", default=",".join(DATABASES), help=f"some of {', '.join(DATABASES)}")
    parser.add_argument("--lots", type=int, default=4_000)
    asked = parser.parse_args()
    wanted = asked.database.split(",")
    if unknown := set(wanted) - set(DATABASES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(DATABASES)}")
    told = {}
    for database in wanted:
        with fresh(database) as env:
            told[database] = json.loads(command(env, "-m", PARTS, str(asked.lots)))
    print(json.dumps({"benchmark": "loyalty", **told}))


if __name__ == "__main__":
    main()
