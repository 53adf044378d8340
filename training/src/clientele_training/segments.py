"""Segments: soft membership over standardised log recency, frequency and spend."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import onnx
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from clientele_training import naming
from clientele_training.design import Design, Matrix, defaults_of, fill
from clientele_training.errors import TrainingError
from clientele_training.graph import Graph
from clientele_training.linear import standardisation
from clientele_training.snapshots import Snapshots
from clientele_training.terms import design_of

TERMS = ("recency", "frequency", "spend")
COUNTS = (4, 5, 6, 7)
SMALLEST_SHARE = 0.05
LEAST_STABILITY = 0.85
FIT_ROWS, CHOICE_ROWS, SILHOUETTE_ROWS = 60_000, 20_000, 5_000
RESAMPLES = 5


@dataclass(frozen=True)
class Choice:
    """What spoke for or against a number of segments.

    Attributes:
        count: the number of segments.
        silhouette: mean silhouette width, -1 to 1.
        smallest_share: share of the customers in the smallest segment.
        stability: mean adjusted Rand index between the clustering and those of bootstrap samples.
    """

    count: int
    silhouette: float
    smallest_share: float
    stability: float


@dataclass(frozen=True)
class SegmentModel:
    """Soft k-means: equal round Gaussians around the centres, of the spread that the clusters have on average.

    Attributes:
        design: raw inputs to log recency, frequency and spend.
        defaults: what stands in for a missing input; shape [inputs].
        mean: means of the terms over the training rows; shape [3].
        scale: their standard deviations; shape [3].
        centres: the clusters' centres in standardised terms; shape [segments, 3].
        variance: the clusters' mean variance in one dimension.
        names: the segments' names, in output order.
        prior: mean membership of the training rows; shape [segments].
        profiles: mean days since the last order, days with an order, spend, and the share of the rows, of each
            segment's customers; shape [segments, 4].
        choices: the numbers of segments that were compared.
    """

    task: ClassVar[str] = "segment"

    design: Design
    defaults: Matrix
    mean: Matrix
    scale: Matrix
    centres: Matrix
    variance: float
    names: tuple[str, ...]
    prior: Matrix
    profiles: Matrix
    choices: tuple[Choice, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The segments' names."""
        return self.names

    @classmethod
    def fit(cls, train: Snapshots, counts: tuple[int, ...] = COUNTS, seed: int = 1) -> "SegmentModel":
        """Chooses the number of segments, fits them on the newest cut-off and names them from their profile.

        Segments describe the customers as they are now, so older cut-offs have no say.

        The number is the one with the best silhouette among those whose smallest segment holds at least
        `SMALLEST_SHARE` of the customers and whose clustering returns under resampling (`LEAST_STABILITY`); if none
        does, the best silhouette.

        Raises:
            TrainingError: there are fewer distinct customers than segments.
        """
        design = design_of(TERMS)
        train = train.newest()
        raw = train.matrix(design.names)
        defaults = defaults_of(design.inputs, raw)
        filled = fill(raw, defaults)
        terms = design(filled)
        mean, scale = standardisation(terms)
        points = (terms - mean) / scale
        if len(np.unique(points, axis=0)) <= max(counts):
            raise TrainingError(
                f"{train.where}: {len(np.unique(points, axis=0))} distinct customers "
                f"(expected: more than {max(counts)}, to make {max(counts)} segments)"
            )
        random = np.random.default_rng(seed)
        choices = tuple(_compare(points, counts, random)) if len(counts) > 1 else ()
        count = _best(choices).count if choices else counts[0]
        some = points[_sample(len(points), FIT_ROWS, random)]
        clusters = _cluster(some, count, seed)
        centres = clusters.cluster_centers_
        model = cls(
            design,
            defaults,
            mean,
            scale,
            centres,
            variance=float(clusters.inertia_ / some.size),
            names=tuple(naming.names_of(centres)),
            prior=np.full(count, 1.0 / count),
            profiles=np.zeros((count, 4)),
            choices=choices,
        )
        labels = model.assign(raw)
        shown = filled[:, [design.names.index(n) for n in _PROFILE]]
        profiles = np.array([[*shown[labels == each].mean(axis=0), np.mean(labels == each)] for each in range(count)])
        return replace(model, prior=model.predict(raw).mean(axis=0), profiles=profiles)._sorted()

    def renamed(self, names: list[str]) -> "SegmentModel":
        """The same segments under other names, listed in the names' order."""
        return replace(self, names=tuple(names))._sorted()

    def predict(self, raw: Matrix) -> Matrix:
        """Membership probabilities [rows, segments] of raw inputs [rows, inputs]; NaN is missing."""
        points = (self.design(fill(raw, self.defaults)) - self.mean) / self.scale
        distance = ((points[:, None, :] - self.centres[None, :, :]) ** 2).sum(axis=2)
        score = -(distance - distance.min(axis=1, keepdims=True)) / (2.0 * self.variance)
        return np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)

    def assign(self, raw: Matrix) -> Matrix:
        """The likeliest segment's index, [rows], of raw inputs [rows, inputs]."""
        return self.predict(raw).argmax(axis=1)

    def points(self, raw: Matrix) -> Matrix:
        """Standardised terms [rows, 3] of raw inputs [rows, inputs]."""
        return (self.design(fill(raw, self.defaults)) - self.mean) / self.scale

    def describe(self) -> list[str]:
        """A sentence a segment, from its profile."""
        return [
            f"{share:.0%} of the customers; on average {days:.1f} days with an order, {spend:.2f} spent, "
            f"last order {recency:.0f} days ago."
            for recency, days, spend, share in self.profiles
        ]

    def to_onnx(self) -> onnx.ModelProto:
        """The same as a graph whose input holds no NaN; a row's own square cancels in the softmax."""
        graph = Graph(self.design)
        weights = self.centres.T / self.variance
        constants = -(self.centres**2).sum(axis=1) / (2.0 * self.variance)
        folded = weights / self.scale[:, None]
        score = graph.affine(graph.terms, folded, constants - self.mean @ folded)
        return graph.model(graph.add("Softmax", score, axis=1), len(self.names))

    def _sorted(self) -> "SegmentModel":
        order = sorted(range(len(self.names)), key=lambda each: (naming.rank(self.names[each]), self.names[each]))
        return replace(
            self,
            centres=self.centres[order],
            names=tuple(self.names[each] for each in order),
            prior=self.prior[order],
            profiles=self.profiles[order],
        )


_PROFILE = ("days_since_last_order", "order_days_lifetime", "spend_lifetime")


def stability(points: Matrix, count: int, random: np.random.Generator) -> float:
    """Mean adjusted Rand index between the clustering of the points and those of bootstrap samples of them."""
    whole = _cluster(points, count, 0).labels_
    scores = []
    for seed in range(RESAMPLES):
        sample = points[random.integers(0, len(points), len(points))]
        scores.append(adjusted_rand_score(whole, _predict(_cluster(sample, count, seed), points)))
    return float(np.mean(scores))


def silhouette(points: Matrix, labels: Matrix, random: np.random.Generator) -> float:
    """Mean silhouette width over at most `SILHOUETTE_ROWS` of the points; 0 if they are all in one cluster."""
    some = _sample(len(points), SILHOUETTE_ROWS, random)
    if np.unique(labels[some]).size < 2:
        return 0.0
    with threadpool_limits(1):
        return float(silhouette_score(points[some], labels[some]))


def _compare(points: Matrix, counts: tuple[int, ...], random: np.random.Generator) -> list[Choice]:
    some = points[_sample(len(points), CHOICE_ROWS, random)]
    compared = []
    for count in counts:
        labels = _cluster(some, count, 0).labels_
        share = float(np.bincount(labels).min() / len(labels))
        compared.append(Choice(count, silhouette(some, labels, random), share, stability(some, count, random)))
    return compared


def _best(choices: tuple[Choice, ...]) -> Choice:
    sound = [c for c in choices if c.smallest_share >= SMALLEST_SHARE and c.stability >= LEAST_STABILITY]
    return max(sound or choices, key=lambda choice: choice.silhouette)


def _cluster(points: Matrix, count: int, seed: int) -> KMeans:
    with threadpool_limits(1):
        return KMeans(count, n_init=5, random_state=seed, tol=1e-6).fit(points)


def _predict(clusters: KMeans, points: Matrix) -> Matrix:
    with threadpool_limits(1):
        return clusters.predict(points)


def _sample(rows: int, most: int, random: np.random.Generator) -> Matrix:
    return np.sort(random.choice(rows, most, replace=False)) if rows > most else np.arange(rows)
