"""A linear score over standardised terms, and its regularised fits."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from clientele_training.design import Matrix


@dataclass(frozen=True)
class Linear:
    """`((terms - mean) / scale) @ weights + intercept`.

    Attributes:
        mean: the terms' means over the training rows; shape [terms].
        scale: their standard deviations; shape [terms].
        weights: shape [terms].
        intercept: the score of the mean row.
    """

    mean: Matrix
    scale: Matrix
    weights: Matrix
    intercept: float

    def __call__(self, terms: Matrix) -> Matrix:
        """Scores [rows] of terms [rows, terms]."""
        return (terms - self.mean) / self.scale @ self.weights + self.intercept

    def folded(self) -> tuple[Matrix, Matrix]:
        """The same as one product: weights [terms, 1] and constant [1]."""
        weights = self.weights / self.scale
        return weights[:, None], np.array([self.intercept - self.mean @ weights])


def standardisation(terms: Matrix) -> tuple[Matrix, Matrix]:
    """Means and standard deviations of terms [rows, terms]; a constant term has scale 1."""
    scale = terms.std(axis=0)
    return terms.mean(axis=0), np.where(scale > 1e-9, scale, 1.0)


def fit_logistic(terms: Matrix, outcome: Matrix, penalty: float) -> Linear:
    """The log-odds of an outcome of 0 or 1.

    Args:
        terms: shape [rows, terms].
        outcome: 0 or 1; shape [rows].
        penalty: weight of half the squared weights against the mean log loss of a row.
    """
    mean, scale = standardisation(terms)
    fit = LogisticRegression(C=1.0 / (penalty * len(terms)), tol=1e-8, max_iter=2000)
    with threadpool_limits(1):
        fit.fit((terms - mean) / scale, outcome)
    return Linear(mean, scale, fit.coef_[0], float(fit.intercept_[0]))


def fit_ridge(terms: Matrix, target: Matrix, penalty: float) -> Linear:
    """The mean of a target [rows]; `penalty` weighs the squared weights against the mean squared error of a row."""
    mean, scale = standardisation(terms)
    with threadpool_limits(1):
        fit = Ridge(alpha=penalty * len(terms)).fit((terms - mean) / scale, target)
    return Linear(mean, scale, fit.coef_, float(fit.intercept_))
