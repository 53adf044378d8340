"""The command `clientele-train`."""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from clientele_training import cdnow
from clientele_training.errors import TrainingError
from clientele_training.evaluation import evaluate, spend_measures
from clientele_training.snapshots import parse_time, read_snapshots
from clientele_training.training import BANDS, TASKS, Settings, Step, train
from clientele_training.value import SPEND_POWER, SPEND_TERMS


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns 0, or 1 after saying on standard error what is wrong with the input."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (TrainingError, OSError) as problem:
        print(f"clientele-train: {problem}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clientele-train", description="Train Clientele's models from feature snapshots."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("train", help="train models and write them as new versions of a model repository")
    command.add_argument("--snapshots", nargs="+", type=Path, required=True, metavar="FILE")
    command.add_argument("--models", type=Path, required=True, metavar="DIR", help="model repository to write to")
    command.add_argument("--tasks", default=",".join(TASKS), help="default: %(default)s")
    command.add_argument("--origin", default="", help="where the events came from, for the manifest")
    command.add_argument("--currency", default="USD", help="of the amounts; default: %(default)s")
    command.add_argument(
        "--bands", default=_bands_text(BANDS), help="churn bands as NAME:UPPER,…,NAME; default: %(default)s"
    )
    _created(command)
    command.set_defaults(run=_train)

    command = commands.add_parser("evaluate", help="train on earlier cut-offs, measure on a later one, print a table")
    command.add_argument("--snapshots", nargs="+", type=Path, required=True, metavar="FILE")
    command.add_argument("--holdout", type=Path, required=True, metavar="FILE", help="snapshot of one later cut-off")
    command.add_argument("--events", type=Path, metavar="FILE", help="event log, for the baseline beside the models")
    command.set_defaults(run=_evaluate)

    command = commands.add_parser("cdnow-events", help="write the CDNOW log as events")
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.add_argument("--sample", action="store_true", help="the 1/10 sample of the customers")
    command.set_defaults(run=_cdnow_events)

    command = commands.add_parser("cdnow-split", help="measure on CDNOW: the first half of 1998 from the time before")
    _launcher(command)
    command.set_defaults(run=_cdnow_split)

    command = commands.add_parser(
        "cdnow-choice", help="measure terms and powers of the value model's spend on earlier splits"
    )
    _launcher(command)
    command.set_defaults(run=_cdnow_choice)

    command = commands.add_parser("cdnow-models", help="train the models that ship, on CDNOW")
    _launcher(command)
    command.add_argument("--models", type=Path, required=True, metavar="DIR", help="model repository to write to")
    _created(command)
    command.set_defaults(run=_cdnow_models)
    return parser


def _train(options: argparse.Namespace) -> None:
    if not re.fullmatch("[A-Z]{3}", options.currency):
        raise TrainingError(f"--currency {options.currency!r} (expected: three capital letters, such as USD)")
    settings = Settings(
        options.models,
        origin=options.origin or ", ".join(path.name for path in options.snapshots),
        currency=options.currency,
        bands=_bands(options.bands),
        **_created_at(options),
    )
    for directory in train(read_snapshots(options.snapshots), options.tasks.split(","), settings):
        print(directory)


def _evaluate(options: argparse.Namespace) -> None:
    print(evaluate(read_snapshots(options.snapshots), read_snapshots([options.holdout]), options.events).table())


def _cdnow_events(options: argparse.Namespace) -> None:
    print(f"{cdnow.write_events(options.out, options.sample)} events in {options.out}")


def _cdnow_split(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        events, work = Path(folder) / "events.csv", Path(folder)
        cdnow.write_events(events)
        training = cdnow.snapshot(options.clientele, events, cdnow.SPLIT_TRAINING, work / "training.parquet")
        holdout = cdnow.snapshot(options.clientele, events, cdnow.SPLIT_HOLDOUT, work / "holdout.parquet")
        print(evaluate(read_snapshots([training]), read_snapshots([holdout]), events).table())


def _cdnow_choice(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        events, work = Path(folder) / "events.csv", Path(folder)
        cdnow.write_events(events)
        splits = [
            read_snapshots([cdnow.snapshot(options.clientele, events, cut, work / f"{cut.horizon_days}d.parquet")])
            for cut in cdnow.CHOICE
        ]
        print(
            "| terms of the spend | power | decile error | Spearman | normalised Gini |",
            "|---|---|---|---|---|",
            sep="\n",
        )
        choices = [(SPEND_POWER, terms) for terms in cdnow.CHOICE_OF_TERMS]
        choices += [(power, SPEND_TERMS) for power in cdnow.CHOICE_OF_POWERS]
        for power, terms in choices:
            measured = spend_measures(splits, power, terms)
            error, spearman, gini = (measured[name] for name in ("decile_error", "spearman", "normalised_gini"))
            print(f"| {', '.join(terms)} | {power} | {error:.4f} | {spearman:.4f} | {gini:.4f} |")


def _cdnow_models(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.csv"
        cdnow.write_events(events)
        rows = cdnow.snapshot(options.clientele, events, cdnow.SHIPPED, Path(folder) / "training.parquet")
        settings = Settings(options.models, cdnow.ORIGIN, **_created_at(options))
        for directory in train(read_snapshots([rows]), TASKS, settings):
            print(directory)


def _launcher(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--clientele",
        type=Path,
        default=Path("../clientele"),
        metavar="FILE",
        help="the launcher that makes the snapshots; default: %(default)s",
    )


def _created(command: argparse.ArgumentParser) -> None:
    command.add_argument("--created", metavar="TIME", help="what the manifests say; default: now")


def _created_at(options: argparse.Namespace) -> dict:
    return {} if options.created is None else {"created": parse_time(options.created)}


def _bands(text: str) -> list[Step]:
    steps = []
    for part in text.split(","):
        name, colon, upper = part.partition(":")
        try:
            steps.append(Step(name, float(upper) if colon else None))
        except ValueError as problem:
            raise TrainingError(f"--bands {part!r} (expected: NAME:UPPER, such as low:0.5)") from problem
    uppers = [step.upper for step in steps[:-1]]
    sound = None not in uppers and steps[-1].upper is None and uppers == sorted(set(uppers))
    sound = sound and all(0.0 < upper < 1.0 for upper in uppers)
    if not sound or len({step.name for step in steps}) < len(steps) or not all(step.name for step in steps):
        raise TrainingError(
            f"--bands {text!r} (expected: ascending between 0 and 1, the last without a number, {_bands_text(BANDS)})"
        )
    return steps


def _bands_text(bands: Sequence[Step]) -> str:
    return ",".join(band.name if band.upper is None else f"{band.name}:{band.upper}" for band in bands)
