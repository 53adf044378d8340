"""The model inputs' transformation: from raw features to terms that a linear model can use.

Three steps, each a matrix product, so that one definition serves numpy and ONNX and costs microseconds:

1. raw values are held to a lower bound each;
2. logs of affine combinations of them (`log(days_since_last_order + 5)`) and gates, which are affine combinations
   held to [0, 1] (`orders - 1` is 0 for a one-time buyer and 1 for all others);
3. terms, each the product of two affine combinations of logs and gates. A difference of logs is the log of a ratio.

Ratios and logs are preferred to totals: they mean the same for a customer of three months and one of a year, so what
is learnt at one cut-off holds at a later one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Combination = Mapping[str, float]
ONE = "1"


@dataclass(frozen=True)
class Input:
    """A raw feature as the model reads it.

    Attributes:
        name: the feature's name in the catalog.
        missing: the value that stands in for a missing one: a number, or "median" or "max" of the training rows.
        lowest: values below are taken as this.
    """

    name: str
    missing: float | str
    lowest: float = 0.0


@dataclass(frozen=True)
class Term:
    """The product of two affine combinations of logs and gates; the key "1" holds the constant."""

    name: str
    left: Combination
    right: Combination


@dataclass(frozen=True)
class Design:
    """Inputs and the terms made of them.

    Attributes:
        inputs: the raw features, in the order of the model's columns.
        logs: name -> affine combination of inputs whose natural logarithm is taken.
        gates: name -> affine combination of inputs that is held to [0, 1].
        terms: what the linear model sees.
    """

    inputs: tuple[Input, ...]
    logs: Mapping[str, Combination]
    gates: Mapping[str, Combination]
    terms: tuple[Term, ...]

    @property
    def names(self) -> list[str]:
        """The inputs' names."""
        return [each.name for each in self.inputs]

    @cached_property
    def lowest(self) -> Matrix:
        """Lower bounds of the inputs; shape [inputs]."""
        return np.array([each.lowest for each in self.inputs])

    @cached_property
    def log_weights(self) -> tuple[Matrix, Matrix]:
        """Weights [inputs, logs] and constants [logs]."""
        return _affine(self.logs.values(), self.names)

    @cached_property
    def gate_weights(self) -> tuple[Matrix, Matrix]:
        """Weights [inputs, gates] and constants [gates]."""
        return _affine(self.gates.values(), self.names)

    @cached_property
    def left_weights(self) -> tuple[Matrix, Matrix]:
        """Weights [logs + gates, terms] and constants [terms] of the terms' first factor."""
        return _affine([term.left for term in self.terms], [*self.logs, *self.gates])

    @cached_property
    def right_weights(self) -> tuple[Matrix, Matrix]:
        """Weights [logs + gates, terms] and constants [terms] of the terms' second factor."""
        return _affine([term.right for term in self.terms], [*self.logs, *self.gates])

    def __call__(self, raw: Matrix) -> Matrix:
        """Terms [rows, terms] of raw values [rows, inputs] that hold no NaN."""
        held = np.maximum(raw, self.lowest)
        (log_w, log_c), (gate_w, gate_c) = self.log_weights, self.gate_weights
        parts = np.hstack([np.log(held @ log_w + log_c), np.clip(held @ gate_w + gate_c, 0.0, 1.0)])
        (left_w, left_c), (right_w, right_c) = self.left_weights, self.right_weights
        return (parts @ left_w + left_c) * (parts @ right_w + right_c)


def _affine(combinations: Iterable[Combination], names: list[str]) -> tuple[Matrix, Matrix]:
    combinations = list(combinations)
    weights, constants = np.zeros((len(names), len(combinations))), np.zeros(len(combinations))
    for column, combination in enumerate(combinations):
        for name, weight in combination.items():
            if name == ONE:
                constants[column] = weight
            else:
                weights[names.index(name), column] = weight
    return weights, constants


def fill(raw: Matrix, defaults: Matrix) -> Matrix:
    """Raw values with every NaN replaced by its column's default, rounded to float32 as they are when serving."""
    return np.where(np.isnan(raw), defaults, raw).astype(np.float32).astype(np.float64)


def defaults_of(inputs: tuple[Input, ...], raw: Matrix) -> Matrix:
    """What stands in for missing values, from the training rows; shape [inputs]."""
    values = []
    for column, each in enumerate(inputs):
        present = raw[~np.isnan(raw[:, column]), column]
        if not isinstance(each.missing, str):
            values.append(each.missing)
        elif present.size == 0:
            values.append(each.lowest)
        else:
            values.append(float(np.max(present) if each.missing == "max" else np.median(present)))
    return np.array(values, dtype=np.float32).astype(np.float64)
