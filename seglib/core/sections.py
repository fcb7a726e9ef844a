"""The sections of a plan: what an analyst may decide, with the sensible default of each decision."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from seglib.core.errors import speakable
from seglib.core.origins import STRICT, Text, Words, or_empty, or_none
from seglib.core.origins import Csv as Csv
from seglib.core.origins import Source as Source

AMOUNT_DIGITS = 15  # of the largest amount of a line: thousands of them can still be added in 64 bits
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float | None, BeforeValidator(or_none)]
Word = Annotated[str, AfterValidator(lambda text: text.strip().lower())]  # as intake writes the words of a column
Called = Annotated[str, AfterValidator(speakable)]  # a name that reports show: no address of anybody
State = Literal["done", "unpaid", "failed", "cancelled", "refunded", "draft", "test"]
Aspect = Literal["value", "size", "reach", "stability"]
Sort = Literal["sale", "refund", "ignore"]


class Section(BaseModel):
    """A part of the plan: unknown keys are refused, values do not change."""

    model_config = STRICT


class Rules(Section):
    """What order lines and their columns mean, and what happens to lines that are not plain purchases."""

    amounts: Literal["main", "minor"] = "main"
    discount: Literal["line", "order", "order_repeated", "share", "included"] = "line"
    cost: Literal["line", "piece"] = "line"
    refunded: Literal["line", "order", "order_repeated"] = "line"
    kinds: dict[str, Sort] = {}
    states: dict[str, State] = {}
    returns: Literal["set_aside", "refuse"] = "set_aside"
    cancelled_prefix: Text = None
    cancelled_status: Words = ()
    test_status: Words = ()
    not_products: Words = ()
    discount_lines: Words = ()
    not_customers: Words = ()
    duplicates: Literal["keep", "remove"] = "keep"
    missing_customer: Literal["set_aside", "refuse"] = "set_aside"
    missing_customer_max_share: Share = 0.5
    free_lines: Literal["set_aside", "refuse"] = "set_aside"
    amount_max_minor: Annotated[int, Field(ge=1, le=10**AMOUNT_DIGITS)] = 1_000_000_000
    history_days: Annotated[Annotated[int, Field(ge=365)] | None, BeforeValidator(or_none)] = 3_653
    old_max_share: Share = 0.5
    empty_weeks_max_share: Share = 0.25
    holdout_arm: Annotated[Word | None, BeforeValidator(or_none)] = None


class Consent(Section):
    """On what basis customers are profiled where no consent table says so, and what its words for purposes mean."""

    basis: Annotated[
        Literal["consent", "contract", "legitimate_interest", "public_data"] | None, BeforeValidator(or_none)
    ] = None
    note: str = ""
    purposes: dict[str, Words] = {}


class Privacy(Section):
    """Smallest group that a report may show."""

    floor: Annotated[int, Field(ge=2)] = 10


Days = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(or_none)]


class Retention(Section):
    """How many days of each kind are kept before `seglib purge` removes them; without a number, for ever."""

    results_days: Days = 1_095
    deliveries_days: Days = 365
    reports_days: Days = None
    sources_days: Days = None
    errors_days: Days = 90


class Objective(Section):
    """One goal as the plan states it; notebook 01 adds the baseline."""

    name: Called
    metric: str
    population: str = "all"
    change_share: float
    worth_share: Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(or_none)] = None
    by: Text = None
    guardrail: Text = None
    owner: str = "marketing"
    why: str = ""


class Item(Section):
    """One question of a survey: its scale, its direction, its codes for no answer, and whether it is too private."""

    low: Number = None
    high: Number = None
    reverse: bool = False
    missing: tuple[float, ...] = ()
    meaning: str = ""
    special: bool = False


class Attribute(Section):
    """A column of its own that a study's customers table has: what it is about, and what it may do."""

    family: Literal["behavioural", "geographic", "demographic", "psychographic", "firmographic"] = "demographic"
    role: Literal["descriptor", "segmentation"] = "descriptor"
    kind: Literal["word", "number"] = "word"
    sensitivity: Literal["ordinary", "personal", "protected", "special"] = "personal"
    meaning: Called = ""


class Selection(Section):
    """What a segment must fulfil to be acted on, and what makes it attractive; fixed before any segment is known."""

    distinct_deviations: Annotated[float, Field(ge=0)] = 0.4
    value_share: Share = 0.01
    offer_share: Share = 0.5
    reachable_share: Share = 0.1
    weights: dict[Aspect, Annotated[float, Field(ge=0)]] = {"value": 0.4, "size": 0.2, "reach": 0.2, "stability": 0.2}


class Criteria(Section):
    """Which criteria enter the clustering, over which window they look back, what stands in where one is not known."""

    window_days: Annotated[Annotated[int, Field(ge=30)] | None, BeforeValidator(or_none)] = 365
    use: Words = ()
    age_bands: tuple[int, ...] = (25, 35, 45, 55, 65)
    gaps: dict[str, Literal["median", "flag", "leave_out"]] = {}
    items: dict[str, Item] = {}
    attributes: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Attribute] = {}


class Scores(Section):
    """How customers are scored by recency, frequency and money, and what the score cells are called."""

    bins: Annotated[int, Field(ge=2, le=10)] = 5
    mode: Literal["quantile", "rfm_r"] = "quantile"
    edges: Literal["keep", "renew"] = "keep"
    rules: dict[Called, str] = {}


class Clustering(Section):
    """How segments are made, whether last quarter's frozen ones are kept, and what they must fulfil."""

    model: Literal["keep", "refit"] = "keep"
    method: Literal["auto", "kmeans", "gaussian_mixture", "ward", "hdbscan", "bernoulli_mixture", "mixed"] = "kmeans"
    categories: Words = ()
    transforms: dict[str, Literal["identity", "signed_log", "square_root", "answer"]] = {}
    choice: Annotated[int | Literal["auto"], Field(union_mode="left_to_right")] = "auto"
    smallest_count: Annotated[int, Field(ge=2)] = 2
    largest_count: Annotated[int, Field(ge=2, le=8)] = 8
    bootstrap_pairs: Annotated[int, Field(ge=5)] = 50
    sample_rows: Annotated[int, Field(ge=200)] = 5_000
    size_floor_share: Share = 0.03
    stability_floor: Share = 0.6
    use_unstable: bool = False
    names: dict[str, Called] = {}
    rules: dict[Called, str] = {}
    rfm: Scores = Scores()


class Journeys(Section):
    """Lifecycle stages by days since the last order, and the session timeout."""

    new_days: Annotated[int, Field(ge=1)] = 60
    active_days: Annotated[int, Field(ge=1)] = 90
    at_risk_days: Annotated[int, Field(ge=1)] = 180
    session_minutes: Annotated[int, Field(ge=1)] = 30


class Offer(Section):
    """One offer of the playbook: for whom, through which channel, at which cost."""

    name: Called
    message: str
    channel: Word = "email"
    stages: Words = ("new", "active", "at_risk", "lapsed", "reactivated")
    segments: Words = ()
    cost: Annotated[float, Field(ge=0)] = 0.0
    cap_per_quarter: Annotated[int, Field(ge=1)] = 3
    hypothesis: str = ""
    tone: str = ""
    timing: str = ""
    tested_by: Annotated[tuple[Called, ...], BeforeValidator(or_empty)] = ()
    is_test: bool = False
    example: bool = False


class Message(Section):
    """The texts of a message; $product, $segment, $offer and $shop are filled in."""

    subject: str
    body: str
    page: str = ""
    advertisement: str = ""


class Content(Section):
    """The offers and messages that may be used, and the budget in the study's currency."""

    offers: tuple[Offer, ...] = ()
    messages: dict[str, Message] = {}
    budget: Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(or_none)] = None
    segment_share_min: Share = 0.0
    segment_share_max: Share = 1.0


class Activation(Section):
    """Who is held back, which systems get files, whom sales calls first, and who gets which service."""

    country: Annotated[Annotated[str, Field(pattern="^[A-Z]{2}$")] | None, BeforeValidator(or_none)] = None
    suppressed: Text = None
    holdout_share: Share = 0.1
    destination: str = "mailchimp"
    destinations: Words = ()
    general_message: Text = None
    sales_capacity: Annotated[int, Field(ge=0)] = 25
    sales_purpose: Word = "email"
    sales_cost: Annotated[float, Field(ge=0)] = 0.0
    premium_share: Share = 0.1
    self_service_share: Share = 0.5
    tenure_days: Annotated[int, Field(ge=0)] = 90
    house: bool = False


class Evaluation(Section):
    """How results are measured, and by which words a comment belongs to a theme."""

    control_arm: Word = "control"
    arms: dict[Word, Annotated[float, Field(gt=0)]] = {}
    outcome_days: Annotated[int, Field(ge=1)] = 60
    margin_share: Annotated[Annotated[float, Field(ge=0, le=1)] | None, BeforeValidator(or_none)] = None
    clv_weeks: Annotated[int, Field(ge=1)] = 52
    discount_per_year_share: Share = 0.1
    market_revenue: dict[str, Annotated[float, Field(gt=0)]] = {}
    acquisition_spend: dict[str, Annotated[float, Field(ge=0)]] = {}
    themes: dict[str, Words] = {}


class Refinement(Section):
    """When a segment is kept, refitted or retired."""

    drift_psi: Annotated[float, Field(gt=0)] = 0.25
    same_segment_overlap: Share = 0.3
    moved_share_to_refit: Share = 0.5
