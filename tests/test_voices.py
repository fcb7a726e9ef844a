"""A person who is forgotten takes along what they wrote, out of every result."""

import pandas as pd

from seglib.activation.forget import forget


def found_in(data, text):
    """Files under runs/ that hold a text, as bytes or inside a table."""
    found = set()
    for path in sorted((data / "runs").rglob("*")):
        if path.suffix == ".parquet":
            cells = pd.read_parquet(path).select_dtypes("str").stack()
            found |= {path.parent.name} if cells.astype("str").str.contains(text, regex=False).any() else set()
        if path.is_file() and text.encode() in path.read_bytes():
            found.add(path.parent.name)
    return found


def test_R24_the_comments_of_a_forgotten_customer_are_gone(demo_copy):
    """What one customer wrote stands in intake and collection of both quarters at most, and afterwards nowhere."""
    data = demo_copy / "data" / "demo"
    rows = pd.read_csv(data / "sources" / "feedback.csv", dtype="str").dropna(subset="comment")
    theirs = rows[rows["comment"].str.startswith("My parcel with") & (rows["answered_at"] < "2026-06-29")].iloc[0]
    before = found_in(data, theirs["comment"])
    forget(data, theirs["customer_id"], "2026-10-01")

    assert before == {"00_intake", "02_data_collection"}
    assert found_in(data, theirs["comment"]) == set()
