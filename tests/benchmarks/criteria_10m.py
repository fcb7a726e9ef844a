"""Generated order lines: criteria by seglib as notebook 03 does it, or the same columns by hand-written DuckDB SQL.

`python criteria_10m.py generate|seglib|sql FOLDER` prints seconds, seconds of processor and peak memory as JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb

LINES, CUSTOMERS = 10_000_000, 500_000
HERE = Path(__file__).parent
GENERATE = """
COPY (
  SELECT lpad(to_hex(hash(o % {customers})), 24, '0') AS customer,
         'o' || o AS order_id,
         moment AS ordered_at,
         moment::DATE AS ordered_on,
         (1 + hash(i) % 5)::DOUBLE AS quantity,
         (100 + hash(i * 3) % 9000)::BIGINT AS amount_minor,
         NULL::BIGINT AS discount_minor, NULL::BIGINT AS cost_minor,
         'p' || (hash(i * 5) % 4000) AS product_id, NULL::VARCHAR AS product_name,
         'c' || (hash(i * 11) % 12) AS category, NULL::VARCHAR AS channel,
         'country' || (hash(o % {customers}) % 20) AS country, NULL::VARCHAR AS region, NULL::VARCHAR AS city
  FROM (
    SELECT i, i // 4 AS o, TIMESTAMP '2024-10-01' + INTERVAL 1 SECOND * (hash(i // 4 * 7) % 63000000) AS moment
    FROM range({lines}) t(i)
  )
) TO '{path}' (FORMAT parquet)
"""

COMMON = """
SELECT category FROM '{orders}'
WHERE ordered_at < TIMESTAMP '2026-10-01' AND ordered_on >= DATE '2025-10-01' AND category IS NOT NULL
GROUP BY category ORDER BY count(*) DESC, category LIMIT 6
"""
SHARE = "coalesce(sum(amount_minor) FILTER (category = '{word}'), 0) / sum(amount_minor) AS {name}"


def generate(folder: Path, lines: int = LINES, customers: int = CUSTOMERS) -> None:
    """Write order lines of two years: four to an order, five orders to a customer, no returns."""
    duckdb.execute(GENERATE.format(lines=lines, customers=customers, path=folder / "orders.parquet"))


def collection(engine, path: Path):
    """A collection of orders only, over the generated file."""
    import pandas as pd

    from seglib.collection import Collection

    orders, empty = engine.table(path), pd.DataFrame()
    names = ("customer_id", "order_id", "ordered_at", "quantity", "unit_price", "product_id", "category", "country")
    names += ("time of day",)
    return Collection(
        orders=orders,
        returns=orders.filter(orders.quantity < 0).mutate(bought_at=orders.ordered_at),
        present={"orders": names},
        missing=(),
        **dict.fromkeys(("customers", "events", "contacts", "feedback", "consent")),
        **dict.fromkeys(("findings", "waterfall", "consents", "freshness"), empty),
    )


def by_seglib(folder: Path) -> Callable[[], None]:
    """Compute every criterion that seglib knows for this table, with its catalogue, and write them: notebook 03."""
    from seglib.core.engine import Engine
    from seglib.core.plan import Plan
    from seglib.core.quarters import Quarter
    from seglib.criteria import compute

    engine = Engine.open(spill=folder / "spill")
    plan = Plan.parse("study: many\nsources: {orders: {file: orders.parquet}}")
    run = SimpleNamespace(plan=plan, quarter=Quarter("2026Q3"), engine=engine)
    gathered = collection(engine, folder / "orders.parquet")
    return lambda: engine.write(compute(gathered, run).values, folder / "seglib.parquet", ("customer",))


def by_sql(folder: Path) -> Callable[[], None]:
    """The same columns in the best SQL that we can write by hand, without a catalogue."""
    connection = duckdb.connect(config={"memory_limit": "1500MB", "temp_directory": str(folder / "spill-sql")})
    text = (HERE / "criteria_by_hand.sql").read_text(encoding="utf-8")
    filled = text.replace("{orders}", str(folder / "orders.parquet")).replace("{target}", str(folder / "sql.parquet"))

    def work() -> None:
        words = [row[0] for row in connection.execute(COMMON.format(orders=folder / "orders.parquet")).fetchall()]
        names = [f"spent_on_{word}_share" for word in words]
        shares = [SHARE.format(word=word, name=name) for word, name in zip(words, names, strict=True)]
        connection.execute(filled.replace("{shares}", ", ".join(shares)).replace("{names}", ", ".join(names)))

    return work


def main() -> None:
    """Generate the data, or run one of the two and print what it took."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    if kind == "generate":
        generate(folder)
        return
    work = {"seglib": by_seglib, "sql": by_sql}[kind](folder)
    started, processor = time.perf_counter(), time.process_time()
    work()
    took = {"seconds": time.perf_counter() - started, "processor": time.process_time() - processor}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({**took, "peak_mb": peak_mb}) + "\n")


if __name__ == "__main__":
    main()
