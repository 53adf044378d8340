"""Names for segments: from their profile, or from the version before so that a name keeps its meaning."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from clientele_training.design import Matrix

# A share of common customers below which two clusters are not the same segment.
SAME_SEGMENT = 0.25


@dataclass(frozen=True)
class Archetype:
    """A kind of customer, as standard deviations from the population's mean.

    Attributes:
        name: what the segment is called.
        recency: log of the days since the last order; negative is recent.
        frequency: log of the days with an order.
        spend: log of the money spent.
    """

    name: str
    recency: float
    frequency: float
    spend: float


# Best customers first: segments are listed in this order.
ARCHETYPES = (
    Archetype("champions", -2.3, 2.2, 2.0),
    Archetype("loyal", -1.2, 1.4, 1.3),
    Archetype("promising", -2.0, 0.8, 0.5),
    Archetype("new", -2.0, -0.6, -0.4),
    Archetype("at risk", -0.3, 1.3, 1.2),
    Archetype("hibernating", 0.2, 0.3, 0.2),
    Archetype("big one-time buyers", 0.4, -0.6, 1.0),
    Archetype("one-time buyers", 0.5, -0.8, -0.1),
    Archetype("lost", 0.5, -0.8, -1.1),
)


def names_of(centres: Matrix) -> list[str]:
    """The archetypes that fit the clusters best together, each used once.

    Args:
        centres: standardised log recency, frequency and spend; shape [clusters, 3].
    """
    return _nearest(centres, ARCHETYPES)


def carried_names(
    centres: Matrix, labels: Sequence[int], previous_names: Sequence[str], previous_labels: Sequence[int]
) -> list[str]:
    """Names from the version before wherever a cluster holds largely the same customers, else from the profile.

    Args:
        centres: as in `names_of`; shape [clusters, 3].
        labels: the cluster of each of some customers; shape [customers].
        previous_names: segment names of the version before.
        previous_labels: the segment that the version before puts the same customers in; shape [customers].
    """
    labels, previous_labels = np.asarray(labels), np.asarray(previous_labels)
    overlap = np.zeros((len(centres), len(previous_names)))
    for cluster in range(len(centres)):
        for previous in range(len(previous_names)):
            both = np.sum((labels == cluster) & (previous_labels == previous))
            either = np.sum((labels == cluster) | (previous_labels == previous))
            overlap[cluster, previous] = both / max(either, 1)
    names: dict[int, str] = {}
    for cluster, previous in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[cluster, previous] >= SAME_SEGMENT:
            names[int(cluster)] = previous_names[previous]
    unnamed = [cluster for cluster in range(len(centres)) if cluster not in names]
    free = tuple(archetype for archetype in ARCHETYPES if archetype.name not in names.values())
    names.update(zip(unnamed, _nearest(centres[unnamed], free), strict=True))
    return [names[cluster] for cluster in range(len(centres))]


def rank(name: str) -> int:
    """Where a name stands in the list of segments; names of no archetype stand last."""
    known = [archetype.name for archetype in ARCHETYPES]
    return known.index(name) if name in known else len(known)


def _nearest(centres: Matrix, archetypes: Sequence[Archetype]) -> list[str]:
    places = np.array([[a.recency, a.frequency, a.spend] for a in archetypes])
    distance = ((centres[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)
    clusters, chosen = linear_sum_assignment(distance)
    return [archetypes[column].name for _, column in sorted(zip(clusters, chosen, strict=True))]
