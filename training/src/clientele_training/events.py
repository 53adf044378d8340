"""Event logs, as far as the baseline needs them: who ordered on which day for how much."""

from pathlib import Path

import polars as pl

from clientele_training.errors import TrainingError, first_line


def read_order_days(path: Path) -> pl.DataFrame:
    """One row per customer and UTC day with an order: `customer_id`, `day` (Date), `amount` (sum of the day).

    Raises:
        TrainingError: the file or a column is missing, or a time or amount cannot be read.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file (expected: an event log, .csv or .parquet)")
    try:
        raw = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
        missing = [c for c in ("customer_id", "event_type", "event_time", "amount") if c not in raw.columns]
        if missing:
            raise TrainingError(
                f"{path}: column {', '.join(map(repr, missing))} missing "
                "(expected: customer_id, event_type, event_time, amount)"
            )
        day = pl.col("event_time")
        day = day.str.slice(0, 10).str.to_date() if raw["event_time"].dtype == pl.String else day.dt.date()
        return (
            raw.filter(pl.col("event_type") == "order")
            .select("customer_id", day.alias("day"), pl.col("amount").cast(pl.Float64))
            .group_by("customer_id", "day")
            .agg(pl.col("amount").sum())
            .sort("customer_id", "day")
        )
    except pl.exceptions.PolarsError as problem:
        raise TrainingError(f"{path}: {first_line(problem)} (expected: UTC timestamps and numbers)") from problem
