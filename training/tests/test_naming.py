"""Segment names."""

import numpy as np

from clientele_training.naming import ARCHETYPES, carried_names, names_of
from clientele_training.segments import SegmentModel

FOUR = np.array([[-2.1, 1.8, 1.5], [0.5, -0.7, -1.0], [-0.3, 0.9, 0.8], [-2.0, -0.7, -0.5]])


def test_names_follow_the_profile_and_are_unique():
    assert names_of(FOUR) == ["champions", "lost", "at risk", "new"]

    same = names_of(np.zeros((len(ARCHETYPES), 3)))
    assert sorted(same) == sorted(archetype.name for archetype in ARCHETYPES)


def test_a_cluster_of_the_same_customers_keeps_its_name_wherever_it_moved():
    previous = np.repeat([0, 1, 2], 100)
    labels = np.repeat([2, 0, 1], 100)
    labels[:20] = 0  # a fifth of the first segment's customers moved

    names = carried_names(np.zeros((3, 3)), labels, ["stars", "sleepers", "lost"], previous)

    assert names == ["sleepers", "lost", "stars"]


def test_a_new_cluster_gets_a_name_that_is_still_free():
    previous = np.repeat([0, 1], 200)
    labels = np.concatenate([np.full(100, 0), np.full(100, 1), np.full(200, 2)])  # the first one fell in two
    labels[:20] = 1

    names = carried_names(
        np.array([[-2.0, 2.0, 2.0], [-2.1, 2.2, 2.1], [0.5, -0.8, -1.0]]), labels, ["champions", "lost"], previous
    )

    assert names[1] == "champions"
    assert names[2] == "lost"
    assert names[0] not in ("champions", "lost")


def test_names_keep_their_customers_from_month_to_month(shipped_rows):
    cutoffs = shipped_rows.cutoffs
    before, after = SegmentModel.fit(shipped_rows.at(cutoffs[:-1])), SegmentModel.fit(shipped_rows)
    raw = shipped_rows.newest().matrix(after.design.names)
    renamed = after.renamed(carried_names(after.centres, after.assign(raw), before.names, before.assign(raw)))

    old = np.array(before.names)[before.assign(raw)]
    new = np.array(renamed.names)[renamed.assign(raw)]
    assert np.mean(old == new) > 0.8
