"""The same models through pymc-marketing, where the extra `bayes` is installed."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.purchases import expected_orders, fit_bgnbd, fit_mbgnbd, probability_alive


@pytest.mark.long
@pytest.mark.parametrize("name", ["BetaGeoModel", "ModifiedBetaGeoModel"])
def test_pymc_marketing_finds_the_same_model(cdnow_weeks: pd.DataFrame, name: str) -> None:
    """CDNOW, maximum a posteriori under flat priors: expected orders of 39 weeks within 1 %, P(alive) within 0.005."""
    reason = "pymc-marketing is not installed: pip install 'seglib[bayes]'"
    clv, prior = (pytest.importorskip(module, reason=reason) for module in ("pymc_marketing.clv", "pymc_extras.prior"))
    names = {"repeat_count": "frequency", "last_purchase_weeks": "recency", "age_weeks": "T"}
    data = cdnow_weeks.rename(columns=names)[list(names.values())].assign(customer_id=np.arange(len(cdnow_weeks)))
    flat = {one: prior.Prior("HalfFlat") for one in ("r", "alpha", "a", "b")}
    theirs = getattr(clv, name)(model_config=flat)
    theirs.fit(data, method="map")
    some = cdnow_weeks.iloc[::10]
    expected = theirs.expected_purchases(data=data.iloc[::10], future_t=39).to_numpy().ravel()
    alive = theirs.expected_probability_alive(data=data.iloc[::10]).to_numpy().ravel()
    model = {"BetaGeoModel": fit_bgnbd, "ModifiedBetaGeoModel": fit_mbgnbd}[name](cdnow_weeks)

    assert expected_orders(model, some, 39).to_numpy() == pytest.approx(expected, rel=0.01)
    assert probability_alive(model, some).to_numpy() == pytest.approx(alive, abs=0.005)
