"""Writes the tables in data/README.md, below its introduction, from their declaration in the code."""

from pathlib import Path

from seglib.core.contract import TABLES

PAGE = Path(__file__).resolve().parents[1] / "data" / "README.md"
FIRST = f"## {next(iter(TABLES))}\n"


def dictionary() -> str:
    """Write the tables and their columns, one section per table."""
    sections = []
    for table in TABLES.values():
        rows = [
            f"| `{c.name}` | {c.kind} | {'required' if c.required else ''} | {'private' if c.personal else ''} "
            f"| {c.meaning} |"
            for c in table.columns
        ]
        head = f"## {table.name}\n\n{table.meaning} It allows: {table.allows}.\n\n"
        sections.append(head + "| column | kind | | | meaning |\n|---|---|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(sections) + "\n"


def page() -> str:
    """Write the page: its introduction as it stands, then the tables."""
    return PAGE.read_text(encoding="utf-8").partition(FIRST)[0] + dictionary()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
