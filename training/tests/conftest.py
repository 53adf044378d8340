"""Shared inputs: the CDNOW log and its snapshots, made by the real command, and small snapshots made by hand."""

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clientele_training import cdnow
from clientele_training.snapshots import Snapshots, read_snapshots

TRAINING = Path(__file__).resolve().parent.parent
SHIPPED_MODELS = TRAINING.parent / "models"

# The line that models must reach on the main split: at most this log loss, at least this of the others.
MUST = {
    ("churn", "auc"): 0.803,
    ("churn", "log_loss"): 0.418,
    ("value", "spearman"): 0.452,
    ("value", "normalised_gini"): 0.756,
    ("value", "top10"): 0.568,
}


@pytest.fixture(scope="session")
def launcher() -> Path:
    return Path(os.environ.get("CLIENTELE", TRAINING.parent / "clientele")).resolve()


@pytest.fixture(scope="session")
def events(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("events") / "cdnow.csv"
    cdnow.write_events(file)
    return file


@pytest.fixture(scope="session")
def shipped_rows(launcher, events, tmp_path_factory) -> Snapshots:
    file = tmp_path_factory.mktemp("shipped") / "rows.parquet"
    return read_snapshots([cdnow.snapshot(launcher, events, cdnow.SHIPPED, file)])


@pytest.fixture(scope="session")
def split(launcher, events, tmp_path_factory) -> tuple[Snapshots, Snapshots]:
    folder = tmp_path_factory.mktemp("split")
    training = cdnow.snapshot(launcher, events, cdnow.SPLIT_TRAINING, folder / "training.parquet")
    holdout = cdnow.snapshot(launcher, events, cdnow.SPLIT_HOLDOUT, folder / "holdout.csv")
    return read_snapshots([training]), read_snapshots([holdout])


FEATURES = (
    "days_since_last_order",
    "days_since_first_order",
    "order_days_90d",
    "order_days_180d",
    "order_days_lifetime",
    "spend_lifetime",
    "items_lifetime",
    "last_order_value",
    "order_gap_mean_days",
    "order_gap_std_days",
    "order_gap_max_days",
    "order_lateness",
)


def invented_rows(
    rows: int = 200, cutoffs: tuple[str, ...] = ("2026-01-31", "2026-04-30", "2026-07-31")
) -> pl.DataFrame:
    """Random but plausible snapshot rows; half of the customers have one order and no gaps."""
    random = np.random.default_rng(7)
    parts = []
    for cutoff in cutoffs:
        once = random.random(rows) < 0.5
        recency = random.uniform(0.5, 200.0, rows)
        days = np.where(once, 1, random.integers(2, 12, rows))
        gap = np.where(once, np.nan, random.uniform(5.0, 60.0, rows))
        ordered = random.random(rows) < np.where(once, 0.1, 0.6)
        spend = days * random.uniform(10.0, 80.0, rows)
        columns = {
            "days_since_last_order": recency,
            "days_since_first_order": recency + np.where(once, 0.0, gap * (days - 1)),
            "order_days_90d": np.minimum(days, 3),
            "order_days_180d": np.minimum(days, 5),
            "order_days_lifetime": days,
            "spend_lifetime": spend,
            "items_lifetime": days * 2,
            "last_order_value": spend / days,
            "order_gap_mean_days": gap,
            "order_gap_std_days": gap / 3,
            "order_gap_max_days": gap * 1.5,
            "order_lateness": recency / gap,
            "label_orders": ordered.astype(int),
            "label_spend": np.where(ordered, random.uniform(5.0, 90.0, rows), 0.0),
            "label_churned": 1 - ordered.astype(int),
        }
        named = pl.DataFrame(
            {"customer_id": [f"c{n:04d}" for n in range(rows)], "as_of": [f"{cutoff}T23:59:59.999Z"] * rows}
        )
        parts.append(
            named.hstack(pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None)).get_columns())
        )
    return pl.concat(parts)


def write_snapshot(file: Path, rows: pl.DataFrame, horizon_days: int | None = 30, catalog_hash: str = "c" * 64) -> Path:
    """Writes rows as `clientele snapshot` does; the sidecar names every column that is no label."""
    rows.write_csv(file)
    features = [c for c in rows.columns if c in FEATURES]
    meta = {
        "catalog_hash": catalog_hash,
        "features": [{"name": name, "definition": f"{index:016x}"} for index, name in enumerate(features)],
        "as_of": rows["as_of"].unique().sort().to_list(),
        "horizon_days": horizon_days,
        "rows": rows.height,
        "label_event": "order",
        "label_measure": "amount",
    }
    Path(f"{file}.meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return file


@pytest.fixture
def invented(tmp_path) -> Snapshots:
    return read_snapshots([write_snapshot(tmp_path / "rows.csv", invented_rows())])
