"""Campaigns that work, and campaigns that only look like it

Notebook 09 of the workbench says of each campaign what it added, with an interval, and often "cannot tell". Here you
compute such an effect yourself, and then meet four ways in which a campaign without any effect looks like a success:
arms that are not what was planned, looking again and again, many groups, and customers who were chosen on their best
day.

All of them are avoided by what was fixed before the first message went out: random arms with a control group, the
number of customers, the day on which the result is read, and the question.

`shop.outcomes` says for two campaigns of July 2026 who was in which arm (`control` got nothing) and whether an order
followed within 30 days. `shop.orders` has the order lines that count, with `ordered_at` and `paid`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from seglib.methods.experiments import benjamini_hochberg, sample_ratio
from seglib.teach.counting import coin_p_values, interval, kept_share, of_arm, paid_in, verdict_of
from seglib.teach.task import Task, slip

NUMBER = "09"
OPENING = """
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from seglib import teach

shop, answer = teach.start("09")
shop.outcomes.groupby(["campaign", "arm"])["bought"].agg(["size", "mean"]).round(3)
"""


class Ratio(Task):
    """Are the arms what was planned?

    A finished test was to give each of three arms the same number of customers. `shop.arms_seen` says how many
    customers of each arm are in the file of results. Test with `scipy.stats.chisquare` whether such counts would come
    about by chance if the arms had been dealt evenly.

    Hand over the p value (`p`) and a word (`decision`): `read` if the effects may be read, `stop` if somebody must
    first find out who is missing. Stop below 0.001, as is usual for this test: it is made on every campaign.
    """

    number = "9.1"
    idea = (
        "When the sizes of the arms are not what chance can make of the plan, the customers in them are not comparable."
    )
    answers = ("p", "decision")
    within = 1e-4
    hint = "chisquare compares the counts with equal expected counts if you give it nothing else."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        answer.p = stats.chisquare(shop.arms_seen).pvalue
        answer.decision = "stop" if answer.p < 0.001 else "read"

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        p = sample_ratio(shop.arms_seen.to_dict(), dict.fromkeys(shop.arms_seen.index, 1.0))
        return {"p": p, "decision": "stop"}

    @slip("The p value is right. It is far below 0.001: whoever is missing may be just those who did not buy.")
    def read_anyway(shop: Any, answer: Any) -> None:
        answer.p = stats.chisquare(shop.arms_seen).pvalue
        answer.decision = "read"

    @slip(
        "You tested one arm against a third. That leaves out how the other two share the rest: test all three at once."
    )
    def one_arm(shop: Any, answer: Any) -> None:
        answer.p = stats.binomtest(int(shop.arms_seen["control"]), int(shop.arms_seen.sum()), 1 / 3).pvalue
        answer.decision = "stop"


class Effect(Task):
    """What an offer added

    Take the campaign `summer_offer`. Compare the share of customers who bought within 30 days in the arm `offer_a` with
    that in the arm `control`.

    Hand over the difference of the two shares (`effect`), the ends of its 95 % interval by Newcombe's method (`low`,
    `high`: `confint_proportions_2indep(count1, nobs1, count2, nobs2, method="newcomb")`), and what may be said of it
    (`verdict`): `works` if all of the interval is above 0, `harms` if all of it is below, else `cannot tell`.
    Exercise 07 took the same difference for certain; look what its money per message is worth now.
    """

    number = "9.2"
    idea = "An effect is a difference to what would have happened anyway, and it comes with an interval."
    answers = ("effect", "low", "high", "verdict")
    points = 3
    within = 1e-4
    about = 1e-4
    hint = (
        "For each arm you need two counts: how many customers, and how many of them bought. Arm first, control second."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        offer = shop.outcomes[shop.outcomes["campaign"] == "summer_offer"]
        arms = offer.groupby("arm")["bought"].agg(["sum", "size"])
        one, two = arms.loc["offer_a"], arms.loc["control"]
        answer.effect = one["sum"] / one["size"] - two["sum"] / two["size"]
        answer.low, answer.high = confint_proportions_2indep(
            one["sum"], one["size"], two["sum"], two["size"], method="newcomb"
        )
        answer.verdict = "works" if answer.low > 0 else "harms" if answer.high < 0 else "cannot tell"

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        offer = shop.outcomes[shop.outcomes["campaign"] == "summer_offer"]
        counts = [of_arm(offer, arm) for arm in ("offer_a", "control")]
        effect, low, high = interval(counts)
        return {"effect": effect, "low": low, "high": high, "verdict": verdict_of(low, high)}

    @slip("The numbers are right. The word follows from the interval and not from the sign of the effect.")
    def by_its_sign(shop: Any, answer: Any) -> None:
        offer = shop.outcomes[shop.outcomes["campaign"] == "summer_offer"]
        answer.effect, answer.low, answer.high = interval([of_arm(offer, arm) for arm in ("offer_a", "control")])
        sign = "works" if answer.effect > 0 else "harms"
        answer.verdict = sign if verdict_of(answer.low, answer.high) == "cannot tell" else "cannot tell"

    @slip("This is the share of buyers among those who got the offer. Many of them would have bought anyway: subtract.")
    def gross_response(shop: Any, answer: Any) -> None:
        offer = shop.outcomes[shop.outcomes["campaign"] == "summer_offer"]
        one = offer[offer["arm"] == "offer_a"]["bought"]
        answer.effect, se = one.mean(), (one.mean() * (1 - one.mean()) / len(one)) ** 0.5
        answer.low, answer.high = one.mean() - 1.96 * se, one.mean() + 1.96 * se
        answer.verdict = verdict_of(answer.low, answer.high)

    @slip("You subtracted the arms the other way round: the effect of the offer is offer minus control.")
    def control_first(shop: Any, answer: Any) -> None:
        offer = shop.outcomes[shop.outcomes["campaign"] == "summer_offer"]
        answer.effect, answer.low, answer.high = interval([of_arm(offer, arm) for arm in ("control", "offer_a")])
        answer.verdict = verdict_of(answer.low, answer.high)

    @slip("Both campaigns are in your counts. Keep the rows of summer_offer only.")
    def both_campaigns(shop: Any, answer: Any) -> None:
        counts = [of_arm(shop.outcomes, arm) for arm in ("offer_a", "control")]
        answer.effect, answer.low, answer.high = interval(counts)
        answer.verdict = verdict_of(answer.low, answer.high)


class Peeking(Task):
    """Looking ten times

    `shop.aa_tests` holds a thousand tests in which both arms got the same message: there is no effect to find. Each
    row is a test; its ten columns are the z values that somebody sees who looks after a tenth of the customers, after
    two tenths, and so on to the end. A look says "significant" where |z| is above 1.96.

    Hand over the share of the thousand tests that are significant at the last look (`at_the_end`), and the share that
    are significant at one look at least (`at_any_look`).
    """

    number = "9.3"
    idea = (
        "Five per cent are wrong by chance if you look once. Whoever stops at the first good look is wrong far more "
        "often."
    )
    answers = ("at_the_end", "at_any_look")
    hint = "np.abs(shop.aa_tests) > 1.96 is a table of True and False; .any(axis=1) asks for one True in each row."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        significant = np.abs(shop.aa_tests) > 1.96
        answer.at_the_end = significant[:, -1].mean()
        answer.at_any_look = significant.any(axis=1).mean()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        highest = np.abs(shop.aa_tests).max(axis=1)
        last = np.abs(shop.aa_tests[:, -1])
        return {"at_the_end": float(np.mean(last > 1.96)), "at_any_look": float(np.mean(highest > 1.96))}

    @slip(
        "This is the share of all looks. The question is in how many tests at least one look misleads: any, row by row."
    )
    def all_looks(shop: Any, answer: Any) -> None:
        significant = np.abs(shop.aa_tests) > 1.96
        answer.at_the_end = significant[:, -1].mean()
        answer.at_any_look = significant.mean()

    @slip("You count only rises. A test is also wrong that finds a fall where there is none: take the absolute value.")
    def only_rises(shop: Any, answer: Any) -> None:
        significant = shop.aa_tests > 1.96
        answer.at_the_end = significant[:, -1].mean()
        answer.at_any_look = significant.any(axis=1).mean()


class ManyGroups(Task):
    """Forty groups, and findings

    `shop.empty_message` says of each customer whether a message with nothing in it went out (`message`) or none
    (`control`), and who bought. It had no effect on anybody. `shop.coins` has forty facts about the same customers that
    were tossed with a coin. Look for an effect all the same: for each coin, take the customers with `True`, and test
    whether those with the message bought more or less often than the control customers among them, with
    `proportions_ztest([buyers_message, buyers_control], [n_message, n_control])`.

    Hand over the smallest of the forty p values (`smallest_p`), and the smallest after the adjustment by Benjamini and
    Hochberg (`smallest_adjusted`): `multipletests(p_values, method="fdr_bh")[1]`. Then ask yourself which of the two
    numbers you would have told, had you not known that the message was empty.
    """

    number = "9.4"
    idea = "Among forty groups, two look like a finding by chance. Say how many you looked at, and adjust for it."
    answers = ("smallest_p", "smallest_adjusted")
    points = 3
    within = 1e-3
    hint = "Join shop.empty_message with shop.coins by customer_id, then loop over the coins and keep their p values."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        both = shop.empty_message.join(shop.coins, on="customer_id")
        p_values = []
        for coin in shop.coins:
            arms = both[both[coin]].groupby("arm")["bought"].agg(["sum", "size"])
            p_values.append(proportions_ztest(arms["sum"], arms["size"])[1])
        answer.smallest_p = min(p_values)
        answer.smallest_adjusted = min(multipletests(p_values, method="fdr_bh")[1])

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        p = coin_p_values(shop)
        return {"smallest_p": p.min(), "smallest_adjusted": benjamini_hochberg(p).min()}

    @slip("The first number is right; the second is not adjusted. One p value out of forty must pay for the other 39.")
    def not_adjusted(shop: Any, answer: Any) -> None:
        answer.smallest_p = answer.smallest_adjusted = min(coin_p_values(shop))

    @slip("You compare with all control customers. Compare within the group: those with the same coin.")
    def control_of_all(shop: Any, answer: Any) -> None:
        p_values = coin_p_values(shop, within=False)
        answer.smallest_p = min(p_values)
        answer.smallest_adjusted = min(multipletests(p_values, method="fdr_bh")[1])


class BestDay(Task):
    """Chosen on their best day

    Add up what each customer paid in 2026Q2 (from 1 April to before 1 July), and take the tenth of these customers
    who paid most: those at or above the quantile 0.9. Then add up what the same customers paid in 2026Q3; who ordered
    nothing counts with 0.

    Hand over the change of their mean as a share (`change_of_top`): mean of 2026Q3 over mean of 2026Q2, minus 1. Then
    the same the other way round (`change_backwards`): choose the top tenth by 2026Q3, and divide what they paid in
    2026Q3 by what they paid in 2026Q2, minus 1. No campaign was aimed at them in either direction.
    """

    number = "9.5"
    idea = (
        "Whoever is chosen for an extreme value is nearer to the mean next time: only a control group shows what a "
        "remedy did."
    )
    answers = ("change_of_top", "change_backwards")
    within = 1e-4
    hint = (
        "Make one table with a row per customer and a column per quarter, blanks as 0; the tenth is of customers "
        "with an order."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        quarter = shop.orders["ordered_at"].dt.to_period("Q").astype(str)
        paid = shop.orders.pivot_table(index="customer_id", columns=quarter, values="paid", aggfunc="sum")
        old, new = paid["2026Q2"], paid["2026Q3"]
        top, top_later = old >= old.quantile(0.9), new >= new.quantile(0.9)
        answer.change_of_top = new.fillna(0)[top].mean() / old[top].mean() - 1
        answer.change_backwards = new[top_later].mean() / old.fillna(0)[top_later].mean() - 1

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        old, new = (paid_in(shop, start) for start in ("2026-04-01", "2026-07-01"))
        forward, backward = (kept_share(first, second) for first, second in ((old, new), (new, old)))
        return {"change_of_top": forward - 1, "change_backwards": 1 / backward - 1}

    @slip(
        "You left out who ordered nothing in the other quarter. They are part of the story: fill their blanks with 0."
    )
    def only_those_who_came_back(shop: Any, answer: Any) -> None:
        old, new = (paid_in(shop, start) for start in ("2026-04-01", "2026-07-01"))
        top, top_later = old[old >= old.quantile(0.9)], new[new >= new.quantile(0.9)]
        answer.change_of_top = new.reindex(top.index).mean() / top.mean() - 1
        answer.change_backwards = top_later.mean() / old.reindex(top_later.index).mean() - 1

    @slip("This is the change of all customers. Choose the top tenth first, and follow only these.")
    def everybody(shop: Any, answer: Any) -> None:
        old, new = (paid_in(shop, start) for start in ("2026-04-01", "2026-07-01"))
        answer.change_of_top = answer.change_backwards = new.sum() / old.sum() - 1
