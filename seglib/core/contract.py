"""The six tables of the workbench: which columns they have, of what kind, and what each means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "time", "date", "number", "money", "word"]


@dataclass(frozen=True)
class Column:
    """One column of a table of the contract.

    Parameters
    ----------
    name : str
        Name inside seglib.
    kind : {"id", "text", "time", "date", "number", "money", "word"}
        ``id``: text, kept end to end; ``text``: free text; ``word``: one of a small vocabulary; ``time``: instant;
        ``date``: day; ``number``: decimal number; ``money``: decimal number in the study's currency.
    meaning : str
        One sentence for the data dictionary.
    required : bool
        Whether the table is refused without it.
    personal : bool
        Whether the values identify a person: such columns live in the private folder only.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class TableContract:
    """One table: its columns and what a study without it cannot compute."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    allows: str

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is refused."""
        return tuple(column.name for column in self.columns if column.required)


CUSTOMER = Column("customer_id", "id", "Who; replaced by a keyed pseudonym at intake.", required=True, personal=True)

ORDERS = TableContract(
    "orders",
    "Order lines: who bought what, when, for how much. The only required table.",
    (
        CUSTOMER,
        Column("order_id", "id", "The order or invoice the line belongs to.", required=True),
        Column("ordered_at", "time", "When the order was placed, in the plan's time zone.", required=True),
        Column("quantity", "number", "Units bought; negative on a return. 1 when the export has totals only."),
        Column("unit_price", "money", "Price of one unit."),
        Column("amount", "money", "Total of the line or order, where the export has no unit price."),
        Column(
            "discount", "money", "Reduction, of either sign: of the line, the order or as a share (rules.discount)."
        ),
        Column("cost", "money", "What the line, or one piece of it (rules.cost), cost the company, for margins."),
        Column("amount_extras", "money", "Shipping, tax and the like that the amount holds: they come off it."),
        Column("refunded", "money", "What was given back, of either sign: of the line or the order (rules.refunded)."),
        Column("refunded_tax", "money", "Tax beside the goods that what was given back holds too: its part comes off."),
        Column("refunded_taxed", "money", "What that tax was charged on, with the tax; else goods and tax."),
        Column("currency", "word", "ISO 4217 code, where the export carries one."),
        Column("product_id", "id", "Article number."),
        Column("product_name", "text", "Article name."),
        Column("category", "text", "Group of the article."),
        Column("channel", "word", "Where the order was placed: web, shop, phone ..."),
        Column("status", "word", "State of the order: completed, cancelled, test ...; several columns count together."),
        Column("kind", "word", "Kind of the row where rows are of several: charge, refund, transfer (rules.kinds)."),
        Column("line_id", "id", "Key of the row: of several rows with one key, the latest counts."),
        Column(
            "updated_at", "time", "When the row was last changed: says which of several rows with one key is later."
        ),
        Column("refund_of", "id", "Order that a refund undoes."),
        Column("valid_until", "time", "End of what was paid for, such as a subscription's year."),
        Column("country", "text", "Country of delivery."),
        Column("region", "text", "Region of delivery."),
        Column("city", "text", "City of delivery."),
    ),
    "everything",
)

CUSTOMERS = TableContract(
    "customers",
    "One row per customer: demographic, geographic and firmographic facts.",
    (
        CUSTOMER,
        Column("email", "text", "E-mail address; private folder only.", personal=True),
        Column("phone", "text", "Telephone number; private folder only.", personal=True),
        Column("first_name", "text", "First name; private folder only.", personal=True),
        Column("last_name", "text", "Last name; private folder only.", personal=True),
        Column("birth_date", "date", "Date of birth; only the age at as_of leaves intake."),
        Column("age_band", "word", "Band of age, such as 25-34, where there is no date of birth."),
        Column("gender", "word", "As recorded by the customer."),
        Column("household_size", "number", "Persons in the household."),
        Column("income_band", "word", "Band of household income."),
        Column("country", "text", "Country of residence."),
        Column("region", "text", "Region of residence."),
        Column("city", "text", "City of residence."),
        Column("climate", "word", "Climate of the residence: oceanic, continental, mediterranean ..."),
        Column("account_id", "id", "Company the contact belongs to."),
        Column("industry", "word", "Industry of the company."),
        Column("company_size", "number", "Employees of the company."),
        Column("annual_revenue", "money", "Annual revenue of the company."),
        Column("registered_at", "time", "When the customer account was opened."),
        Column("valid_from", "time", "From when the row holds: of several rows the one of the quarter's end counts."),
    ),
    "demographic, geographic and firmographic criteria",
)

EVENTS = TableContract(
    "events",
    "Touchpoints on web and app, one row per event.",
    (
        CUSTOMER,
        Column("event_at", "time", "When it happened.", required=True),
        Column("event", "word", "What happened: visit, view, cart, checkout ...", required=True),
        Column("channel", "word", "Where the visit came from: search, email, social, direct ..."),
        Column("session_id", "id", "Session, where the source knows it."),
        Column("campaign", "word", "Campaign that the event answers, such as that of a redeemed coupon."),
        Column("visitor_id", "id", "Browser or device: tells whose events are that name nobody (rules.visitor_days)."),
        Column("agent", "text", "What the browser says of itself: tells events of machines (rules.bot_words)."),
    ),
    "the journey from visit to order, channel mix, engagement, answers to campaigns",
)

CONTACTS = TableContract(
    "contacts",
    "Campaign sends: who was contacted, or held back, in which campaign and arm.",
    (
        CUSTOMER,
        Column("campaign", "word", "Name of the campaign.", required=True),
        Column("arm", "word", "Arm of the experiment; the plan names the control.", required=True),
        Column("sent_at", "time", "When it was sent, or would have been.", required=True),
        Column("ends_at", "time", "When the offer ends, where it does: the first moment after it."),
        Column("channel", "word", "Channel of the message."),
        Column("cost", "money", "Cost of this contact."),
    ),
    "treatment effects, return on investment, channel response",
)

FEEDBACK = TableContract(
    "feedback",
    "Survey answers and comments, one row per person and item.",
    (
        CUSTOMER,
        Column("answered_at", "time", "When it was answered.", required=True),
        Column("item", "word", "Key of the question: nps, csat, or an item of a survey.", required=True),
        Column("answer", "number", "Answer as a number; may be blank beside a comment.", required=True),
        Column("comment", "text", "What the person wrote; shown only where enough customers wrote the same."),
    ),
    "NPS, CSAT, motivations, goals and quotes in personas, themes of comments",
)

CONSENT = TableContract(
    "consent",
    "Consent ledger: for each purpose the latest valid word of each customer.",
    (
        CUSTOMER,
        Column(
            "purpose",
            "word",
            "profiling, email, sms, post, ads or sale_or_share; consent.purposes of the plan says what others mean.",
            required=True,
        ),
        Column("status", "word", "granted, withdrawn or objected; anything else counts as no.", required=True),
        Column("recorded_at", "time", "When it was given or withdrawn.", required=True),
        Column("basis", "word", "Legal basis: consent, contract, legitimate_interest."),
        Column("source", "word", "Where it was recorded."),
        Column("notice", "id", "Version of the privacy notice shown."),
    ),
    "profiling only with consent, and any channel export at all",
)

TABLES: dict[str, TableContract] = {
    table.name: table for table in (ORDERS, CUSTOMERS, EVENTS, CONTACTS, FEEDBACK, CONSENT)
}

ENGAGEMENT = TableContract(
    "engagement",
    "Engagement that a channel has added up: one row per customer, channel and day of counting.",
    (
        CUSTOMER,
        Column("channel", "word", "Where: instagram, youtube, a forum, an app ...", required=True),
        Column("counted_at", "time", "Up to when it was counted: the latest before the quarter's end.", required=True),
        Column("interactions", "number", "What the customer did there: likes, comments, shares ...", required=True),
    ),
    "criteria of engagement by channel (engagement: in the plan)",
)
SOURCES = {**TABLES, ENGAGEMENT.name: ENGAGEMENT}  # all that a plan may name a source for

RATES = TableContract(
    "rates",
    "Rates of other currencies, one row per currency and day.",
    (
        Column("code", "word", "ISO 4217 code of the other currency.", required=True),
        Column("day", "date", "Day from which the rate holds.", required=True),
        Column("rate", "number", "What one unit of it is worth in the plan's currency.", required=True),
    ),
    "orders in several currencies",
)

PERSONAL = tuple(sorted({column.name for table in TABLES.values() for column in table.columns if column.personal}))
