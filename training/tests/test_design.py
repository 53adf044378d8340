"""Terms of raw features, and the same through the graph."""

import math

import numpy as np
import pytest

from clientele_training.design import ONE, Design, Input, Term, defaults_of, fill
from clientele_training.graph import Graph
from clientele_training.serving import run_onnx
from clientele_training.terms import TERMS, design_of

SMALL = Design(
    inputs=(Input("age", missing="max"), Input("orders", missing=0.0, lowest=1.0), Input("price", missing="median")),
    logs={"age": {"age": 1.0, ONE: 5.0}, "orders": {"orders": 1.0}},
    gates={"again": {"orders": 1.0, ONE: -1.0}},
    terms=(
        Term("rate", {"orders": 1.0, "age": -1.0}, {ONE: 1.0}),
        Term("again_by_age", {"again": 1.0}, {"age": 2.0, ONE: 0.5}),
    ),
)


def test_terms_are_products_of_logs_and_gates():
    terms = SMALL(np.array([[15.0, 4.0, 9.0], [15.0, 1.5, 9.0], [-3.0, 0.0, 9.0]]))

    assert terms == pytest.approx(
        np.array(
            [
                [math.log(4 / 20), 2 * math.log(20) + 0.5],
                [math.log(1.5 / 20), 0.5 * (2 * math.log(20) + 0.5)],
                [math.log(1 / 5), 0.0],
            ]
        )
    )


def test_missing_values_get_the_default():
    raw = np.array([[10.0, 2.0, 4.0], [30.0, np.nan, 6.0], [np.nan, 3.0, 11.0]])

    defaults = defaults_of(SMALL.inputs, raw)

    assert defaults.tolist() == [30.0, 0.0, 6.0]
    assert fill(raw, defaults).tolist() == [[10.0, 2.0, 4.0], [30.0, 0.0, 6.0], [30.0, 3.0, 11.0]]


def test_a_feature_missing_in_all_rows_gets_its_lowest_value():
    assert defaults_of(SMALL.inputs, np.full((3, 3), np.nan)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("rows", [1, 7])
def test_the_graph_gives_the_same_terms_in_any_batch(rows):
    random = np.random.default_rng(3)
    design = design_of(list(TERMS))
    raw = random.gamma(1.0, 50.0, (rows, len(design.inputs))).astype(np.float32).astype(np.float64)
    raw[0] = 0.0
    graph = Graph(design)

    served = run_onnx(graph.model(graph.terms, len(TERMS)), raw)

    np.testing.assert_allclose(served, design(raw), rtol=2e-5, atol=2e-5)


def test_a_design_reads_only_what_its_terms_use():
    assert design_of(["rate", "repeated"]).names == ["days_since_first_order", "order_days_lifetime"]


def test_terms_stay_finite_for_any_row_of_numbers():
    design = design_of(list(TERMS))
    corners = [0.0, -1.0, 1e-30, 1e9, -1e9]

    terms = design(np.array([np.full(len(design.inputs), value) for value in corners]))

    assert np.isfinite(terms).all()
