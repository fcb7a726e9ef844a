"""Generated events: transitions, step matrix and funnel per segment, by seglib or by retentioneering.

`python journeys_10m.py generate FOLDER EVENTS`, then `python journeys_10m.py seglib FOLDER` or `... peer FOLDER` prints
seconds, seconds of processor, peak memory and the counts as JSON. The peer runs in a throw-away environment with
retentioneering, duckdb and pyarrow; RETENTIONEERING_NO_TRACK is set before it is imported. seglib also computes
intervals over customers.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

EVENTS, CUSTOMERS, SEGMENTS = 10_000_000, 500_000, 4
WAY = ("visit", "view", "cart", "checkout", "purchase")
GENERATE = """
COPY (
  SELECT lpad(to_hex(hash(c)), 24, '0') AS customer, start + INTERVAL 1 MINUTE * place AS event_at, event,
         's' || s AS session_id, 1 + c % {segments} AS segment
  FROM (
    SELECT s, hash(s) % {customers} AS c, TIMESTAMP '2026-07-01' + INTERVAL 1 SECOND * (hash(s * 7) % 7900000) AS start,
           unnest(path) AS event, unnest(range(len(path))) AS place
    FROM (
      SELECT s, (CASE WHEN hash(s * 3) % 2 = 0 THEN ['visit', 'view', 'cart', 'checkout', 'purchase']
                 ELSE ['visit', 'view', 'view', 'cart', 'view', 'checkout', 'purchase'] END)
                 [1 : 1 + hash(s * 5) % 7] AS path
      FROM range({sessions}) t(s)
    )
  ) LIMIT {events}
) TO '{path}' (FORMAT parquet)
"""


def generate(folder: Path, events: int) -> None:
    """Write events of a quarter: about four to a session, about five sessions to a customer."""
    import duckdb

    customers = max(1000, events * CUSTOMERS // EVENTS)
    text = GENERATE.format(
        segments=SEGMENTS,
        customers=customers,
        sessions=events // 3,
        events=events,
        path=folder / "events.parquet",
    )
    duckdb.execute(text)


def by_seglib(folder: Path) -> dict[str, object]:
    """What notebook 06 does with events: pairs once, then three tables per segment."""
    from seglib.core.engine import Engine
    from seglib.journeys.build import funnel, shown_steps, shown_transitions
    from seglib.journeys.pairs import event_pairs
    from seglib.journeys.sums import funnel_sums, sessions, transition_sums

    engine = Engine.open(spill=folder / "spill")
    events = engine.table(folder / "events.parquet")
    member = events.select("customer", "segment").distinct()
    pairs = event_pairs(events.drop("segment"), member, 30).cache()
    counted = transition_sums(pairs)
    shown_transitions(counted, 10)
    shown_steps(pairs, 10)
    sums = funnel_sums(sessions(pairs, WAY).cache(), WAY)
    funnel(sums, 10)
    inner = counted[(counted["segment"] == 1) & (counted["from_state"] == "view") & (counted["to_state"] == "cart")]
    return {"view_to_cart": int(inner["x"].iloc[0]), "reached": sums.loc[sums["segment"] == 1, "n"].tolist()}


def by_peer(folder: Path) -> dict[str, object]:
    """The same three tables with retentioneering, segment by segment."""
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    import pandas as pd
    from retentioneering.eventstream.eventstream import Eventstream
    from retentioneering.tools.funnel import Funnel
    from retentioneering.tools.step_matrix import StepMatrix
    from retentioneering.tools.transition_matrix import TransitionMatrix

    frame, found = pd.read_parquet(folder / "events.parquet"), {}
    schema = {"path_cols": ["session_id"], "event_col": "event", "timestamp_col": "event_at"}
    for segment in range(1, SEGMENTS + 1):
        own = frame.loc[frame["segment"] == segment, ["session_id", "event", "event_at"]]
        stream = Eventstream(own, schema)
        matrix = TransitionMatrix(stream).fit("count")
        StepMatrix(stream).fit(max_steps=8)
        steps = Funnel(stream).fit([*WAY])["steps"]
        if segment == 1:
            reached = [step["unique_paths"] for step in steps][:-1]
            found = {"view_to_cart": int(matrix.loc["view", "cart"]), "reached": reached}
    return found


def main() -> None:
    """Generate the data, or run one of the two and print what it took."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    if kind == "generate":
        generate(folder, int(sys.argv[3]) if len(sys.argv) > 3 else EVENTS)
        return
    work = {"seglib": by_seglib, "peer": by_peer}[kind]
    started, processor = time.perf_counter(), time.process_time()
    found = work(folder)
    took = {"seconds": time.perf_counter() - started, "processor": time.process_time() - processor}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({**took, "peak_mb": peak_mb, **found}) + "\n")


if __name__ == "__main__":
    main()
