"""Rules as SQL, for who wants to run a segment's definition in a database of their own."""

from __future__ import annotations

from seglib.methods.rule_text import Compare, Every, Missing, Node, Not, Some, Value


def sql(node: Node) -> str:
    """Write a rule as a condition of SQL; values are quoted, a missing value never compares.

    Examples
    --------
    >>> from seglib.methods.rule_text import parse
    >>> sql(parse("order_count >= 3 and (country = 'DE' or recency_days is missing)"))
    '"order_count" >= 3 AND ("country" = \\'DE\\' OR "recency_days" IS NULL)'
    >>> sql(parse("not recency_days < 10.5"))
    'NOT COALESCE("recency_days" < 10.5, FALSE)'
    """
    if isinstance(node, Compare):
        return f"{identifier(node.name)} {'<>' if node.sign == '!=' else node.sign} {literal(node.value)}"
    if isinstance(node, Missing):
        return f"{identifier(node.name)} IS NULL"
    if isinstance(node, Not):
        return f"NOT COALESCE({sql(node.part)}, FALSE)"
    inner = [f"({sql(p)})" if isinstance(p, Some | Every) and type(p) is not type(node) else sql(p) for p in node.parts]
    return (" AND " if isinstance(node, Every) else " OR ").join(inner)


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """Write a number or a quoted text for SQL; a number keeps all its digits."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
