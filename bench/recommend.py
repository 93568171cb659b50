"""How long recommendations take to build and to serve, out of the tables of a shop with 5,000 products.

    ./run bench recommend --json [--database sqlite,postgresql] [--products 5000] [--orders 10000]

In a fresh installation on each database: the first nightly build, with the back-test that chooses a model, the orders
of an hour brought on (200, with 20 products that were never sold before), and the build of another night. Then one call
after another of `candidates` for a product, a basket of ten and a customer who owns 200, and of `popular`; each twenty
products out, the statements to the database included. Serving is in milliseconds of 1,000 calls: `p50` and `p99` by the
clock, `processor_p99` of this process alone, which leaves out what else the machine does. What people bought is drawn
from families of products. How good the recommendations are is another question: `thereafter bench recommend`. The last
line is the JSON.
"""

import argparse
import json

from bench._installation import DATABASES, command, fresh

PARTS = "bench._recommend_parts"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--database", default=",".join(DATABASES), help=f"some of {', '.join(DATABASES)}")
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--orders", type=int, default=10_000)
    asked = parser.parse_args()
    wanted = asked.database.split(",")
    if unknown := set(wanted) - set(DATABASES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(DATABASES)}")
    told = {}
    for database in wanted:
        with fresh(database) as env:
            told[database] = json.loads(command(env, "-m", PARTS, str(asked.products), str(asked.orders)))
    print(json.dumps({"benchmark": "recommend", **told}))


if __name__ == "__main__":
    main()
