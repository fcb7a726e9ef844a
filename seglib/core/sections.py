"""The sections of a plan: what an analyst may decide, with the sensible default of each decision.

The comment of a key is its meaning, and an example where no plan of the project has one: both stand in docs/plan.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from seglib.core.delivered import AMOUNT_DIGITS, Called, Campaign, Consent, Number, Rules, Share, Sort, State, Word
from seglib.core.origins import Csv, Section, Source, Text, Words, or_empty, or_none
from seglib.core.trials import Trial, Variant

__all__ = [
    "AMOUNT_DIGITS",
    "Activation",
    "Attribute",
    "Clustering",
    "Consent",
    "Content",
    "Criteria",
    "Csv",
    "Evaluation",
    "Item",
    "Journeys",
    "Message",
    "Objective",
    "Offer",
    "Privacy",
    "Refinement",
    "Retention",
    "Rules",
    "Scores",
    "Section",
    "Selection",
    "Sort",
    "Source",
    "State",
    "Trial",
    "Variant",
]
Aspect = Literal["value", "size", "reach", "stability"]


class Privacy(Section):
    """Smallest group that a report may show."""

    floor: Annotated[int, Field(ge=2)] = 10  # Fewest customers that a number of a report may be about


Days = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(or_none)]


class Retention(Section):
    """How many days of each kind are kept before `seglib purge` removes them; without a number, for ever."""

    results_days: Days = 1_095  # Days after a quarter's end that its results are kept; example: 1095
    deliveries_days: Days = 365  # Days that files for other systems are kept, with their addresses; example: 365
    reports_days: Days = None  # Days that published reports are kept; example: 3653
    # Days that your files are kept, from when they were written; no report is made from older ones; example: 730
    sources_days: Days = None
    errors_days: Days = 90  # Days that files are kept which name the place of a mistake; example: 90


class Objective(Section):
    """One goal as the plan states it; notebook 01 adds the baseline."""

    name: Called  # What the goal is called
    metric: str  # What is measured: a metric of notebook 01
    population: str = "all"  # Whose metric: all, new or existing customers
    change_share: float  # Change that is aimed at, as a share of today's value; negative: less of it
    # Smallest change that would be worth a campaign, which sizes its test; else change_share; example: 0.02
    worth_share: Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(or_none)] = None
    by: Text = None  # Quarter in which it is to be reached
    guardrail: Text = None  # Metric that must not become worse meanwhile
    owner: str = "marketing"  # Who answers for it
    why: str = ""  # Why it is aimed at


class Item(Section):
    """One question of a survey: its scale, its direction, its codes for no answer, and whether it is too private."""

    low: Number = None  # Least answer of the scale; else it is found in the answers; example: 1
    high: Number = None  # Greatest answer of the scale; else it is found in the answers; example: 5
    reverse: bool = False  # Whether a high answer says little of what is meant; example: true
    missing: tuple[float, ...] = ()  # Numbers that stand for no answer; example: [9, 99]
    meaning: str = ""  # What the question asks; example: Price matters most to me.
    special: bool = False  # Whether it speaks of health, religion and the like, so that it is never used; example: true


class Attribute(Section):
    """A column of its own that a study's customers table has: what it is about, and what it may do."""

    # Family of criteria that it belongs to; example: demographic
    family: Literal["behavioural", "geographic", "demographic", "psychographic", "firmographic"] = "demographic"
    # Whether it describes segments, or may make them (numbers only); example: descriptor
    role: Literal["descriptor", "segmentation"] = "descriptor"
    kind: Literal["word", "number"] = "word"  # Whether it is a word or a number; example: number
    # How private it is; special ones are never computed; example: ordinary
    sensitivity: Literal["ordinary", "personal", "protected", "special"] = "personal"
    meaning: Called = ""  # What it says, in one sentence; example: Highest degree as stated.


class Selection(Section):
    """What a segment must fulfil to be acted on, and what makes it attractive; fixed before any segment is known."""

    # Least distance from the segment most like it, in robust standard deviations
    distinct_deviations: Annotated[float, Field(ge=0)] = 0.4
    value_share: Share = 0.01  # Least share of all revenue
    offer_share: Share = 0.5  # Least share of a segment for whom the plan has an offer
    reachable_share: Share = 0.1  # Least share of these who agreed to be contacted
    # How much each aspect counts in the order of priority
    weights: dict[Aspect, Annotated[float, Field(ge=0)]] = Field(
        default={"value": 0.4, "size": 0.2, "reach": 0.2, "stability": 0.2}
    )


class Criteria(Section):
    """Which criteria enter the clustering, over which window they look back, what stands in where one is not known."""

    # Days before the quarter's end that criteria look back; nothing: everything that is known
    window_days: Annotated[Annotated[int, Field(ge=30)] | None, BeforeValidator(or_none)] = 365
    # Criteria that make the segments; none: recency, frequency, money and the like by default; example:
    # [recency_days, order_count, monetary]
    use: Words = ()
    age_bands: tuple[int, ...] = (25, 35, 45, 55, 65)  # Ages at which a new band begins
    # What stands in where a criterion is not known: median, flag (a yes or no of its own) or leave_out; example:
    # {discount_share: median}
    gaps: dict[str, Literal["median", "flag", "leave_out"]] = Field(default_factory=dict)
    # Scales of survey questions, by their key in feedback; example: {price: {low: 1, high: 5}}
    items: dict[str, Item] = Field(default_factory=dict)
    # Columns of the customers table that this study alone has; example: {education: {family: demographic}}
    attributes: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Attribute] = Field(default_factory=dict)


class Scores(Section):
    """How customers are scored by recency, frequency and money, and what the score cells are called."""

    bins: Annotated[int, Field(ge=2, le=10)] = 5  # Number of scores of recency, frequency and money each; example: 5
    # How scores are cut: by quantiles, or exactly as the R package rfm does; example: rfm_r
    mode: Literal["quantile", "rfm_r"] = "quantile"
    # Whether next quarter is scored by the same cuts or by its own; example: renew
    edges: Literal["keep", "renew"] = "keep"
    # Names of score cells by rules in r_score, f_score and m_score; example: {Best: r_score >= 4 and f_score >= 4}
    rules: dict[Called, str] = Field(default_factory=dict)


class Clustering(Section):
    """How segments are made, whether last quarter's frozen ones are kept, and what they must fulfil."""

    model: Literal["keep", "refit"] = "keep"  # Whether last quarter's frozen segments go on, or are made anew
    # How segments are made; auto: by the kind of the data
    method: Literal["auto", "kmeans", "gaussian_mixture", "ward", "hdbscan", "bernoulli_mixture", "mixed"] = "kmeans"
    categories: Words = ()  # Criteria of words that make segments too, with method: mixed only; example: [country]
    # How a criterion is bent before it is scaled; else a long tail takes its logarithm; example: {monetary:
    # square_root}
    transforms: dict[str, Literal["identity", "signed_log", "square_root", "answer"]] = Field(default_factory=dict)
    # Number of segments; auto: by their quality and stability
    choice: Annotated[int | Literal["auto"], Field(union_mode="left_to_right")] = "auto"
    smallest_count: Annotated[int, Field(ge=2)] = 2  # Least number of segments that is compared
    largest_count: Annotated[int, Field(ge=2, le=8)] = 8  # Greatest number of segments that is compared
    bootstrap_pairs: Annotated[int, Field(ge=5)] = 50  # Pairs of samples by which stability is measured; example: 100
    # Customers of the sample on which numbers of segments are compared; everybody gets a label; example: 2000
    sample_rows: Annotated[int, Field(ge=200)] = 5_000
    size_floor_share: Share = 0.03  # Least share of customers that a segment must have
    stability_floor: Share = 0.6  # Least share of a segment (Jaccard) that other samples must find again
    use_unstable: bool = False  # Whether segments below these two floors are used all the same
    # What the team calls a segment, by the name that describes it;
    # example: {Large-basket discount buyers: Large orders}
    names: dict[str, Called] = Field(default_factory=dict)
    # Rules of your own, whose customers are shown beside the segments and change nothing in them; example: {Thank you:
    # recency_days <= 30 and order_count >= 12}
    rules: dict[Called, str] = Field(default_factory=dict)
    rfm: Scores = Scores()  # Scores of recency, frequency and money, shown beside the segments


class Journeys(Section):
    """Lifecycle stages by days since the last order, and the session timeout."""

    new_days: Annotated[int, Field(ge=1)] = 60  # Days since the first order during which a customer is new
    active_days: Annotated[int, Field(ge=1)] = 90  # Days since the last order during which a customer is active
    at_risk_days: Annotated[int, Field(ge=1)] = 180  # Days since the last order after which a customer has lapsed
    session_minutes: Annotated[int, Field(ge=1)] = 30  # Minutes without an event after which a visit is over


class Offer(Section):
    """One offer of the playbook: for whom, through which channel, at which cost."""

    name: Called  # What the offer is called
    message: str  # Which of content.messages carries it
    channel: Word = "email"  # Channel, which needs its consent: email, sms, post, ads, or a word for one of them
    stages: Words = ("new", "active", "at_risk", "lapsed", "reactivated")  # Stages of the lifecycle that it is for
    segments: Words = ()  # Segments that it is for; none: all
    cost: Annotated[float, Field(ge=0)] = 0.0  # Cost of one message, in main units of money
    cap_per_quarter: Annotated[int, Field(ge=1)] = 3  # Messages of this offer that a customer may get in a quarter
    hypothesis: str = ""  # What it is believed to do
    tone: str = ""  # How it sounds
    timing: str = ""  # When it is sent
    # Campaigns of contacts that tried it: their effect is its evidence
    tested_by: Annotated[tuple[Campaign, ...], BeforeValidator(or_empty)] = ()
    is_test: bool = False  # Whether it may spend although nothing is proven, to find out
    example: bool = False  # Whether it is an example that nobody decided on, which reports say
    # Variants of it that are drawn by chance and compared; nothing: everybody gets the same
    trial: Annotated[Trial | None, BeforeValidator(or_none)] = None


class Message(Section):
    """The texts of a message; $product, $segment, $offer and $shop are filled in."""

    subject: str  # Subject line
    body: str  # Text of the message; example: Dear $first_name, have a look at $product.
    page: str = ""  # What the page that it leads to says
    advertisement: str = ""  # Short text for an advertisement


class Content(Section):
    """The offers and messages that may be used, and the budget in the study's currency."""

    # The offers; the first that fits a segment and a stage is used; example: [{name: Second order, message:
    # welcome}]
    offers: tuple[Offer, ...] = ()
    # The texts by the names that offers use; example: {welcome: {subject: Hello, body: Welcome to $shop.}}
    messages: dict[str, Message] = Field(default_factory=dict)
    # Money for a quarter, in main units; nothing: costs are told, not divided
    budget: Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(or_none)] = None
    # Least share of the budget for a segment that gets any, and the most for one that is a test
    segment_share_min: Share = 0.0
    segment_share_max: Share = 1.0  # Greatest share of the budget for one segment; example: 0.5


class Activation(Section):
    """Who is held back, which systems get files, whom sales calls first, and who gets which service."""

    # Country of telephone numbers that name none (two letters)
    country: Annotated[Annotated[str, Field(pattern="^[A-Z]{2}$")] | None, BeforeValidator(or_none)] = None
    # File of sources/ with addresses that bounced or complained: they get nothing, for good; example: bounced.csv
    suppressed: Text = None
    holdout_share: Share = 0.1  # Share of those to be contacted who get nothing, to see what would have happened anyway
    destination: str = "mailchimp"  # System that gets files: mailchimp, klaviyo, letters ... (seglib/formats)
    destinations: Words = ()  # Further such systems
    # Message without any profile, for those who agreed to be contacted and are in no campaign; example: news
    general_message: Text = None
    sales_capacity: Annotated[int, Field(ge=0)] = 25  # Approaches that sales can make in a quarter
    sales_purpose: Word = "email"  # Consent that such an approach needs
    sales_cost: Annotated[float, Field(ge=0)] = 0.0  # Cost of one approach, in main units of money
    premium_share: Share = 0.1  # Share of customers, by what they spent in a year, who get the premium service
    self_service_share: Share = 0.5  # Share of customers, from below, who get self-service
    # Days since the first order before which a customer gets the standard service
    tenure_days: Annotated[int, Field(ge=0)] = 90
    # Whether segment and service tier are written by customer number for the house's own systems; example: true
    house: bool = False
    # Days that files of consents may be old when `seglib write-back` writes segments by them; example: 7
    consents_max_days: Annotated[int, Field(ge=1)] = 31


class Evaluation(Section):
    """How results are measured, and by which words a comment belongs to a theme."""

    control_arm: Word = "control"  # Arm of contacts that got nothing
    # Planned weight of each arm, for the check of their sizes; 1 for those not named; example: {control: 1, offer:
    # 3}
    arms: dict[Word, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    outcome_days: Annotated[int, Field(ge=1)] = 60  # Days after a contact in which an order counts as its outcome
    # Margin as a share of revenue, for return on investment and customer value
    margin_share: Annotated[Annotated[float, Field(ge=0, le=1)] | None, BeforeValidator(or_none)] = None
    clv_weeks: Annotated[int, Field(ge=1, le=1_040)] = 52  # Weeks that lifetime value looks ahead
    discount_per_year_share: Share = 0.1  # Interest by which future money is worth less, per year
    # Revenue of the whole market in a quarter, for the share of it; example: {2026Q3: 5000000}
    market_revenue: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    # Spent on winning customers in a quarter, for the cost of each; example: {2026Q3: 12000}
    acquisition_spend: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    # Words by which a comment belongs to a theme; example: {delivery: [parcel, late]}
    themes: dict[str, Words] = Field(default_factory=dict)


class Refinement(Section):
    """When a segment is kept, refitted or retired."""

    # Population stability index from which a criterion is reported as drifted
    drift_psi: Annotated[float, Field(gt=0)] = 0.25
    same_segment_overlap: Share = 0.3  # Overlap of its customers below which a segment is no longer the same
    # Share of a segment that would move under last quarter's rules, above which it is fitted anew
    moved_share_to_refit: Share = 0.5
