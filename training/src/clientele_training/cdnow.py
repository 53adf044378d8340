"""CDNOW: the public purchase log that the shipped models are trained on.

Purchases of 23,570 customers of a music shop, the cohort that first bought in the first quarter of 1997, until
1998-06-30; research data of P. Fader and B. Hardie, carried by the PyPI package `lifetimes` 0.11.3.
"""

import csv
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from clientele_training.errors import TrainingError

PACKAGE = "lifetimes"
ORIGIN = "CDNOW purchases 1997-01-01 to 1998-06-30 (Fader and Hardie), from the PyPI package lifetimes 0.11.3"
# The log knows days only; every order is taken to be at noon.
TIME_OF_DAY = "12:00:00Z"


@dataclass(frozen=True)
class Cut:
    """Times at which snapshots are made, and how far their labels look ahead."""

    days: tuple[str, ...]
    horizon_days: int

    @property
    def as_of(self) -> str:
        """The days' last milliseconds, as `--as-of` wants them."""
        return ",".join(f"{day}T23:59:59.999Z" for day in self.days)


# The split of the literature: half a year is foretold on the last day of 1997. Churn and value learn from the cut-offs
# whose labels end on that day or before, segments from the newest cut-off, which needs no labels.
SPLIT_TRAINING = Cut(
    (
        "1997-03-31",
        "1997-04-10",
        "1997-04-20",
        "1997-04-30",
        "1997-05-10",
        "1997-05-20",
        "1997-05-31",
        "1997-06-10",
        "1997-06-20",
        "1997-07-03",
        "1997-10-31",
        "1997-11-30",
    ),
    181,
)
SPLIT_HOLDOUT = Cut(("1997-12-31",), 181)
# Earlier splits on which settings are chosen: the last day of each is measured on, and its labels end in 1997.
CHOICE = (
    Cut(("1997-03-31", "1997-04-10", "1997-04-20", "1997-05-01", "1997-08-31"), 120),
    Cut(
        (
            "1997-03-31",
            "1997-04-15",
            "1997-04-30",
            "1997-05-15",
            "1997-05-31",
            "1997-06-15",
            "1997-07-01",
            "1997-09-30",
        ),
        90,
    ),
    Cut(("1997-03-31", "1997-04-30", "1997-05-31", "1997-06-30", "1997-07-31", "1997-08-31", "1997-10-31"), 60),
)
# What is measured on them: terms of the value model's spend, and its power.
CHOICE_OF_TERMS = (
    ("mean_value", "rate", "last_to_mean_value"),
    ("mean_value", "rate", "days", "recency_share", "last_to_mean_value"),
    ("mean_value", "rate", "rate_squared", "days", "recency_share", "last_to_mean_value"),
    ("mean_value", "rate", "rate_squared", "recency_share", "last_to_mean_value"),
)
CHOICE_OF_POWERS = (1.0, 0.8, 0.7, 0.6, 0.5, 0.4)
SHIPPED = Cut(
    (
        "1997-04-30",
        "1997-05-31",
        "1997-06-30",
        "1997-07-31",
        "1997-08-31",
        "1997-09-30",
        "1997-10-31",
        "1997-11-30",
        "1997-12-31",
        "1998-01-31",
        "1998-02-28",
        "1998-04-01",
    ),
    90,
)


def write_events(out: Path, sample: bool = False) -> int:
    """Writes the log as events in CSV and returns their number.

    Every line of the log is an order of its own, named by its place in the file: 255 lines equal another one and are
    real orders all the same.

    Args:
        out: the file to write.
        sample: the tenth of the customers that the literature uses, under their ids there.

    Raises:
        TrainingError: the package `lifetimes` is not installed.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["customer_id", "event_id", "event_type", "event_time", "amount", "items"])
        events = 0
        for events, (customer, day, items, amount) in enumerate(_orders(sample), start=1):
            time = f"{day[:4]}-{day[4:6]}-{day[6:]}T{TIME_OF_DAY}"
            writer.writerow([customer, f"cdnow-{events:05d}", "order", time, amount, items])
    return events


def snapshot(launcher: Path, events: Path, cut: Cut, out: Path) -> Path:
    """Runs `clientele snapshot`; returns the file it wrote.

    Raises:
        TrainingError: the launcher is missing or fails; the message ends with what it said.
    """
    command = [str(launcher), "snapshot", "--events", str(events), "--as-of", cut.as_of]
    command += ["--horizon", f"{cut.horizon_days}d", "--out", str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as problem:
        raise TrainingError(f"{launcher}: {problem} (expected: the clientele launcher)") from problem
    if done.returncode:
        raise TrainingError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return out


def _orders(sample: bool) -> Iterator[Sequence[str]]:
    """Customer, yyyymmdd, items and dollars of each line."""
    text = _file("CDNOW_sample.txt" if sample else "CDNOW_master.txt").read_text(encoding="ascii")
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return iter([line[1:] for line in lines] if sample else lines[1:])


def _file(name: str) -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as problem:
        raise TrainingError(
            f"package {PACKAGE} is not installed (expected: pip install --no-deps {PACKAGE}==0.11.3)"
        ) from problem
    found = [Path(file.locate()) for file in files if file.name == name]
    if not found:
        raise TrainingError(f"package {PACKAGE} has no {name} (expected: version 0.11.3)")
    return found[0]
