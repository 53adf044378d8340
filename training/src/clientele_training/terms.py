"""The vocabulary of terms that churn, value and segment models choose from.

All read the order features of the shipped catalog. Small constants inside the logs keep zeros finite and damp the
difference between very small values; days with an order are counted rather than orders, so that two orders on one
day weigh as one occasion.
"""

from collections.abc import Sequence

from clientele_training.design import ONE, Combination, Design, Input, Term

INPUTS = (
    Input("days_since_last_order", missing="max"),
    Input("days_since_first_order", missing="max"),
    Input("order_days_90d", missing=0.0),
    Input("order_days_180d", missing=0.0),
    Input("order_days_lifetime", missing=0.0, lowest=1.0),
    Input("spend_lifetime", missing=0.0),
    Input("items_lifetime", missing=0.0),
    Input("last_order_value", missing="median"),
    Input("order_gap_mean_days", missing=0.0),
    Input("order_gap_std_days", missing=0.0),
    Input("order_gap_max_days", missing=0.0),
    Input("order_lateness", missing=0.95),  # its log term is then 0
)

LOGS: dict[str, Combination] = {
    "recency": {"days_since_last_order": 1.0, ONE: 5.0},
    "tenure": {"days_since_first_order": 1.0, ONE: 5.0},
    "repeats": {"order_days_lifetime": 1.0, ONE: -0.75},
    "days": {"order_days_lifetime": 1.0},
    "days_damped": {"order_days_lifetime": 1.0, ONE: 0.2},
    "days_90d": {"order_days_90d": 1.0, ONE: 0.2},
    "days_180d": {"order_days_180d": 1.0, ONE: 0.2},
    "spend": {"spend_lifetime": 1.0, ONE: 1.0},
    "items": {"items_lifetime": 1.0, ONE: 1.0},
    "last_value": {"last_order_value": 1.0, ONE: 1.0},
    "lateness": {"order_lateness": 1.0, ONE: 0.05},
    "gap": {"order_gap_mean_days": 1.0, ONE: 1.0},
    "gap_spread": {"order_gap_std_days": 1.0, "order_gap_mean_days": 0.1, ONE: 0.1},
    "gap_max": {"order_gap_max_days": 1.0, ONE: 5.0},
}

GATES: dict[str, Combination] = {
    "repeated": {"order_days_lifetime": 1.0, ONE: -1.0},
    "repeated_twice": {"order_days_lifetime": 1.0, ONE: -2.0},
}

_ALWAYS: Combination = {ONE: 1.0}
_RECENCY_SHARE: Combination = {"recency": 1.0, "tenure": -1.0}

TERMS = {
    term.name: term
    for term in (
        # repeat purchases per day known
        Term("rate", {"repeats": 1.0, "tenure": -1.0}, _ALWAYS),
        Term("rate_squared", {"repeats": 1.0, "tenure": -1.0}, {"repeats": 1.0, "tenure": -1.0}),
        Term("days", {"days": 1.0}, _ALWAYS),
        Term("days_squared", {"days": 1.0}, {"days": 1.0}),
        # how much of the time known has passed since the last order
        Term("recency_share", _RECENCY_SHARE, _ALWAYS),
        Term("days_by_recency_share", {"days": 1.0}, _RECENCY_SHARE),
        # time since the last order against the usual and the longest gap
        Term("days_by_lateness", {"days": 1.0}, {"lateness": 1.0}),
        Term("repeated", {"repeated": 1.0}, _ALWAYS),
        Term("recency_to_longest_gap", {"repeated": 1.0}, {"recency": 1.0, "gap_max": -1.0}),
        Term("gap_variation", {"repeated_twice": 1.0}, {"gap_spread": 1.0, "gap": -1.0}),
        # money and items a day with an order
        Term("mean_value", {"spend": 1.0, "days": -1.0}, _ALWAYS),
        Term("basket", {"items": 1.0, "days": -1.0}, _ALWAYS),
        Term("last_to_mean_value", {"last_value": 1.0, "spend": -1.0, "days": 1.0}, _ALWAYS),
        # share of the occasions that lie in the last quarter and half year
        Term("share_90d", {"days_90d": 1.0, "days_damped": -1.0}, _ALWAYS),
        Term("share_180d", {"days_180d": 1.0, "days_damped": -1.0}, _ALWAYS),
        # totals, for segments
        Term("recency", {"recency": 1.0}, _ALWAYS),
        Term("frequency", {"days": 1.0}, _ALWAYS),
        Term("spend", {"spend": 1.0}, _ALWAYS),
    )
}


def design_of(names: Sequence[str]) -> Design:
    """A design of the named terms with only the inputs, logs and gates that they use."""
    terms = tuple(TERMS[name] for name in names)
    used = {part for term in terms for side in (term.left, term.right) for part in side}
    logs = {name: combination for name, combination in LOGS.items() if name in used}
    gates = {name: combination for name, combination in GATES.items() if name in used}
    read = {name for combination in [*logs.values(), *gates.values()] for name in combination}
    return Design(tuple(each for each in INPUTS if each.name in read), logs, gates, terms)
