"""The text of a new plan: every decision with its comment, what is known filled in."""

PLAN = """\
# Every human decision of this study. Nothing is decided anywhere else.
# Change what is wrong, then make the report: seglib report --study {study}, or in a clone: make report STUDY={study}
{unsure}
study: {study}
title: {study}
timezone: {timezone:<24} # of the shop; quarters begin at midnight there
currency: {currency}
money_decimals: {decimals}                  # decimals that prices in the files may have
fiscal_year_starts: 1              # month; quarters of weeks: quarters: 4-4-5, year_starts: {{2026: 2026-02-01}}
money: net                         # what amounts are: net, less what came back, or gross, as charged (docs/money.md)
tax: {tax:<29} # whether amounts hold the tax on sales: with, without or unsaid; reports say it
{connections}
sources:
  orders:
{source}
  # Further tables make more of the notebooks: customers, events, contacts, feedback, consent (see data/README.md).
{people}
  # A table in several files is read by a query: the files of sources/ are tables, columns of text files are text.
  # customers: {{query: SELECT c.*, r.climate FROM customers AS c LEFT JOIN regions AS r USING (country)}}

rules:                             # lines that are not plain purchases; everything set aside is counted
  returns: set_aside               # lines with a negative quantity
{rules}
  duplicates: keep                 # two equal lines can be two purchases
  missing_customer: set_aside
  missing_customer_max_share: {nameless}  # more than this stops the run
  free_lines: set_aside            # lines that cost nothing
  history_days: 3653               # older lines are set aside; with more than half of them so old the run stops
  empty_weeks_max_share: 0.25      # more weeks of the quarter without an order stop the run: a delivery is missing
  amount_max_minor: {largest}    # a line above this, in the smallest unit of money, is refused as an error

consent:
  # Without a consent table this study profiles customers on this declared basis. Confirm it with whoever is responsible
  # for data protection, or deliver consent.csv. The first page of the report states it.
  basis: legitimate_interest
  note: declared when the study was set up; to be confirmed

privacy:
  floor: 10                        # smallest group that a report shows

objectives:                        # what the segments are for
  - name: Keep more customers
    metric: retention_share
    change_share: 0.05             # five per cent more than today
    guardrail: order_value
    owner: marketing
  - name: Larger orders
    metric: order_value
    change_share: 0.03
    guardrail: retention_share
    owner: marketing

criteria:
  window_days: {rhythm.window_days:<19} # how far back behaviour counts
  # use: [recency_days, order_count, order_value_minor]  # what makes the segments; else the default of notebook 03
  # gaps: {{gap_days: median}}       # not known for all: median, flag (a yes-or-no of its own), leave_out
  # items: {{price: {{low: 1, high: 5, reverse: true, missing: [9]}}}}  # survey items, when there is a feedback table
{attributes}

clustering:
  model: keep                      # score with last quarter's frozen segments; refit: make them anew from today's data
  method: kmeans                   # or auto, by the data; gaussian_mixture, ward, hdbscan, bernoulli_mixture, mixed
  # categories: [country]          # words that make segments too, with method: mixed
  choice: auto                     # or a number of segments, 2 to 8
  size_floor_share: 0.03           # a segment smaller than this is not used
  stability_floor: 0.6             # nor one that other samples of customers give less often

journeys:                          # days since the last order
  # {rhythm.why}
  new_days: {rhythm.new_days}
  active_days: {rhythm.active_days}
  at_risk_days: {rhythm.at_risk_days}

content:
  offers:                          # examples: write what the company really offers, and take example: true away
    - name: Welcome
      example: true
      message: second_order_help
      stages: [new]
      hypothesis: new customers who are helped to a second order stay longer
    - name: Thank you
      example: true
      message: loyalty_thanks
      stages: [active]
      hypothesis: thanks without a discount keep active customers
    - name: We miss you
      example: true
      message: reminder_of_favourites
      stages: [at_risk]
      hypothesis: a reminder brings customers back before they lapse
    - name: Come back
      example: true
      message: win_back_offer
      stages: [lapsed, reactivated]
      hypothesis: an offer reactivates lapsed customers at a cost below their margin

activation:
  holdout_share: 0.1               # held back at random, so that effects can be measured
  destination: mailchimp
  house: false                     # true: segment and tier by customer number for your own systems, purpose service
"""
