"""A made-up shop of any size as a snapshot, a month at a time: DuckDB makes it, so that memory stays bounded."""

from pathlib import Path

import duckdb

from thereafter.insights.engine import files
from thereafter.insights.engine.files import WHOLE, Manifest, Part

STORE = 1
MONTHS, FIRST_MONTH = 36, 2023 * 12
FIRST_DAY = 19_358  # 2023-01-01
PRODUCTS = 20_000
# Lines of each tenth order: 2.4 on average.
LINES = "[1, 1, 1, 2, 2, 2, 3, 3, 4, 5]"
DAYS = FIRST_DAY + 1096


def make(folder: Path, orders: int) -> dict[str, int]:
    """Writes it; returns how many of what there are."""
    each, serial = orders // MONTHS, files.new_serial()
    opened = duckdb.connect(config={"memory_limit": "2GB", "threads": 2, "temp_directory": str(folder / "spill")})
    opened.execute(f"CREATE MACRO chance(n, salt) AS (hash(n * {PRODUCTS * 50 + 1} + salt) % 1000003) / 1000003.0")
    parts: dict[str, dict[int, Part]] = {"orders": {}, "lines": {}}
    for at in range(MONTHS):
        count = each if at < MONTHS - 1 else orders - each * (MONTHS - 1)
        opened.execute(f"CREATE OR REPLACE TEMP TABLE made AS {_orders(at, at * each + 1, count, orders)}")
        for table, sql in (("orders", "FROM made"), ("lines", _lines())):
            parts[table][FIRST_MONTH + at] = _put(opened, folder, table, FIRST_MONTH + at, serial, sql)
    people = "SELECT DISTINCT 1::BIGINT AS store_id, n AS id, '' AS country, 0::BIGINT AS created_day"
    parts["customers"] = {
        WHOLE: _put(opened, folder, "customers", WHOLE, serial, f"{people} FROM range(1, {orders * 3 // 10}) AS r(n)")
    }
    files.put_manifest(folder, STORE, Manifest(serial, "made up", 0, parts))
    return {table: sum(part.rows for part in held.values()) for table, held in parts.items()}


def _orders(at: int, first: int, count: int, orders: int) -> str:
    """Some people buy much more than others; a fiftieth is cancelled."""
    customers = orders * 3 // 10
    month, day = FIRST_MONTH + at, f"{FIRST_DAY + at * 1096 // MONTHS} + hash(n) % 30"
    return f"""
        SELECT {STORE}::BIGINT AS store_id, n AS id,
          (1 + floor({customers} * pow(chance(n, 1), 1.6)))::BIGINT AS customer_id, ({day})::BIGINT AS day,
          {month}::BIGINT AS month, (chance(n, 2) > 0.02)::BIGINT AS counts, 0::BIGINT AS foreign,
          (500 + floor(20000 * pow(chance(n, 3), 3)))::BIGINT AS total_minor, 0::BIGINT AS refunded_minor,
          total_minor AS net_minor, 0::BIGINT AS discount_minor, 490::BIGINT AS shipping_minor, 1::BIGINT AS items,
          CASE hash(n) % 3 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' ELSE 'NL' END AS country, 'web' AS channel, '' AS coupon
        FROM range({first}, {first + count}) AS r(n)"""  # noqa: S608 numbers of ours


def _lines() -> str:
    """A few products are in many orders; one that is in an order twice is one line of two pieces."""
    return f"""
        SELECT store_id, id AS order_id, customer_id, day, month, counts,
          (1 + floor({PRODUCTS} * pow(chance(id * 7 + place, 4), 2.2)))::BIGINT AS product_id,
          count(*)::BIGINT AS quantity, (count(*) * 1000)::BIGINT AS net_minor
        FROM made, unnest(range(({LINES}::INT[])[(id % 10 + 1)::INT])) AS u(place)
        GROUP BY ALL"""  # noqa: S608 numbers of ours


def _put(opened: duckdb.DuckDBPyConnection, folder: Path, table: str, month: int, serial: str, sql: str) -> Part:
    path = files.table_folder(folder, STORE, table) / files.file_name(month, serial)
    made = opened.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return Part(path.name, int(made[0]) if made else 0)
