"""Compares live features of UCI Online Retail with what pandas gives over the raw log.

Needs pandas and grpcurl. The log must have been ingested with online-retail.sql and --shift-to-today:

    python online_retail_check.py online_retail.csv 127.0.0.1:7101
"""

import json
import subprocess
import sys

import numpy as np
import pandas as pd

CUSTOMERS = 200
DAY = pd.Timedelta(days=1)


def describe(store: str, customer: str) -> dict:
    """Every feature of a customer, as DescribeCustomer answers it."""
    method = "clientele.featurestore.v1.FeatureStore/DescribeCustomer"
    request = json.dumps({"customer_id": customer})
    call = ["grpcurl", "-plaintext", "-emit-defaults", "-d", request, store, method]
    return json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)


def expected(lines: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, float]:
    """The same features from the invoice lines of one customer, moved to the days of the live store."""
    lines = lines.assign(amount=lines.Quantity * lines.UnitPrice)
    cancelled = lines.InvoiceNo.str.startswith("C")
    orders = lines[~cancelled].groupby("InvoiceNo").agg(
        time=("InvoiceDate", "min"), amount=("amount", "sum"), items=("Quantity", "sum")
    )
    returns = lines[cancelled].groupby("InvoiceNo").agg(time=("InvoiceDate", "min"), amount=("amount", "sum"))
    today = as_of.normalize()
    window = {days: orders[orders.time >= today - (days - 1) * DAY] for days in (30, 90, 180, 365)}
    days = np.sort(orders.time.dt.normalize().unique())
    gaps = np.diff(days) / np.timedelta64(1, "D")
    features = {
        "orders_lifetime": len(orders),
        "spend_lifetime": orders.amount.sum(),
        "items_lifetime": orders["items"].sum(),
        "order_days_lifetime": len(days),
        "returns_lifetime": len(returns),
        "returned_amount_lifetime": -returns.amount.sum(),
    }
    for size, rows in window.items():
        features[f"orders_{size}d"] = len(rows)
        features[f"spend_{size}d"] = rows.amount.sum()
    if len(orders):
        features["days_since_last_order"] = (as_of - orders.time.max()) / DAY
        features["days_since_first_order"] = (as_of - orders.time.min()) / DAY
        features["order_value_max_lifetime"] = orders.amount.max()
        features["order_value_mean_lifetime"] = orders.amount.mean()
        bought = lines[~cancelled]
        features["categories_lifetime"] = bought.StockCode.str[:2].nunique()
    if len(gaps):
        features["order_gap_mean_days"] = gaps.mean()
        features["order_gap_max_days"] = gaps.max()
    return features


def main(path: str, store: str) -> None:
    log = pd.read_csv(path, dtype={"CustomerID": str, "InvoiceNo": str, "StockCode": str}, parse_dates=["InvoiceDate"])
    log = log.dropna(subset="CustomerID")
    last = describe(store, log.loc[log.InvoiceDate.idxmax(), "CustomerID"])
    times = [pd.Timestamp(t["last_event_time"]).tz_localize(None) for t in last["event_types"]]
    log["InvoiceDate"] += max(times).normalize() - log.InvoiceDate.max().normalize()

    compared = 0
    wrong = []
    for customer in np.random.default_rng(7).choice(log.CustomerID.unique(), CUSTOMERS, replace=False):
        answer = describe(store, customer)
        live = {f["name"]: f for f in answer["features"]}
        as_of = pd.Timestamp(answer["as_of"]).tz_localize(None)
        for name, value in expected(log[log.CustomerID == customer], as_of).items():
            compared += 1
            if not np.isclose(live[name]["value"], value, rtol=1e-5, atol=1e-5):
                wrong.append(f"{customer} {name}: live {live[name]['value']}, pandas {value}")
    print(f"{compared} features of {CUSTOMERS} customers compared, {len(wrong)} differ")
    print("\n".join(wrong[:20]))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
