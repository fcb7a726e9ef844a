"""What `pytest --nbval-lax notebooks/` needs first: the stored outputs look back at the quarter before theirs."""

import pytest

from seglib.core.home import home

BEFORE = "data/demo/runs/2026Q2/10_quarterly_refinement/manifest.json"
TYPE = "seglib report --study demo --quarter 2026Q3"


def pytest_configure(config: pytest.Config) -> None:
    """Say in one sentence what to type, in place of a failure per cell."""
    wanted = config.getoption("nbval", default=False) or config.getoption("nbval_lax", default=False)
    if wanted and not (home() / BEFORE).is_file():
        raise pytest.UsageError(
            f"the notebooks show 2026Q3 of the demo and look back at 2026Q2, which is not made yet - do: {TYPE}"
        )
