"""Ten million generated order lines: criteria by seglib, or the same columns by hand-written DuckDB SQL."""

import json
import resource
import sys
import time
from datetime import datetime
from pathlib import Path

import duckdb

LINES, CUSTOMERS = 10_000_000, 500_000
AS_OF = "2026-10-01"
GENERATE = f"""
COPY (
  SELECT lpad(to_hex(hash(o % {CUSTOMERS})), 24, '0') AS customer,
         'o' || o AS order_id,
         TIMESTAMP '2024-10-01' + INTERVAL 1 SECOND * (hash(o * 7) % 63000000) AS ordered_at,
         CAST(TIMESTAMP '2024-10-01' + INTERVAL 1 SECOND * (hash(o * 7) % 63000000) AS DATE) AS ordered_on,
         CAST(1 + hash(i) % 5 AS DOUBLE) AS quantity,
         CAST(100 + hash(i * 3) % 9000 AS BIGINT) AS amount_minor,
         CAST(NULL AS BIGINT) AS discount_minor, CAST(NULL AS BIGINT) AS cost_minor,
         'p' || (hash(i * 5) % 4000) AS product_id, CAST(NULL AS VARCHAR) AS product_name,
         'c' || (hash(i * 11) % 12) AS category, CAST(NULL AS VARCHAR) AS channel,
         'country' || (hash(o % {CUSTOMERS}) % 20) AS country, CAST(NULL AS VARCHAR) AS region, CAST(NULL AS VARCHAR) AS city
  FROM (SELECT i, i // 4 AS o FROM range({LINES}) t(i))
) TO '{{path}}' (FORMAT parquet)
"""


def peak_mb() -> float:
    """Largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def collection(engine, path: Path):
    """A collection of orders only, over the generated file."""
    import pandas as pd

    from seglib.collection import Collection

    orders, empty = engine.table(path), pd.DataFrame()
    names = ("customer_id", "order_id", "ordered_at", "quantity", "unit_price", "product_id", "category", "country")
    fields = dict.fromkeys(("customers", "events", "contacts", "feedback", "consent"))
    frames = dict.fromkeys(("findings", "waterfall", "consents", "freshness"), empty)
    known = {f.name for f in Collection.__dataclass_fields__.values()}
    extra = {name: value for name, value in {"currency": "EUR", "money_decimals": 2}.items() if name in known}
    return Collection(
        orders=orders,
        returns=orders.filter(orders.quantity < 0),
        present={"orders": names},
        missing=(),
        **fields,
        **frames,
        **extra,
    )


def by_seglib(folder: Path) -> float:
    """Compute and write every criterion that seglib knows for this table."""
    from seglib.core.engine import Engine
    from seglib.criteria import Clock, available, derive, tabulate

    engine = Engine.open(spill=folder / "spill")
    gathered = collection(engine, folder / "orders.parquet")
    criteria = available(gathered.has)
    clock = Clock(datetime.fromisoformat(AS_OF), 365, (25, 35, 45, 55, 65))
    started = time.perf_counter()
    engine.write(derive(tabulate(gathered, clock, criteria), clock, criteria), folder / "values.parquet", ("customer",))
    return time.perf_counter() - started


def by_sql(folder: Path) -> float:
    """The same columns in the best SQL that we can write by hand."""
    connection = duckdb.connect(config={"memory_limit": "1500MB", "temp_directory": str(folder / "spill-sql")})
    text = (Path(__file__).parent / "criteria_by_hand.sql").read_text(encoding="utf-8")
    started = time.perf_counter()
    connection.execute(
        text.replace("{orders}", str(folder / "orders.parquet")).replace("{target}", str(folder / "sql.parquet"))
    )
    return time.perf_counter() - started


def main() -> None:
    """Generate the data, or run one of the two and print its seconds and peak memory as JSON."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    if kind == "generate":
        duckdb.execute(GENERATE.format(path=folder / "orders.parquet"))
        return
    seconds = by_seglib(folder) if kind == "seglib" else by_sql(folder)
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}) + "\n")


if __name__ == "__main__":
    main()
