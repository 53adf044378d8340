"""ONNX graphs: a design's steps followed by a model's own nodes.

Every graph has one input, float32 [rows, inputs] named `features`, and one output, float32 [rows, columns] named
`scores`. It holds a dozen nodes, whatever the number of terms.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from clientele_training import __version__
from clientele_training.design import Design

INPUT, OUTPUT = "features", "scores"
OPSET, IR_VERSION = 17, 8


class Graph:
    """Nodes and constants in the order they were added; built once, not shared between threads."""

    def __init__(self, design: Design) -> None:
        self._inputs = len(design.inputs)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        held = self.add("Max", INPUT, self.constant("lowest", design.lowest))
        parts = self.add("Log", self.affine(held, *design.log_weights))
        if design.gates:
            zero, one = self.constant("zero", np.array(0.0)), self.constant("one", np.array(1.0))
            gates = self.add("Clip", self.affine(held, *design.gate_weights), zero, one)
            parts = self.add("Concat", parts, gates, axis=1)
        left, right = self.affine(parts, *design.left_weights), self.affine(parts, *design.right_weights)
        self.terms = self.add("Mul", left, right)

    def constant(self, name: str, values: NDArray[np.float64]) -> str:
        """A float32 constant; returns its name."""
        name = f"{name}_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, dtype=np.float32), name))
        return name

    def add(self, op: str, *inputs: str, **attributes: int | float) -> str:
        """A node; returns the name of what it gives."""
        output = f"{op.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [output], name=output, **attributes))
        return output

    def affine(self, value: str, weights: NDArray[np.float64], constants: NDArray[np.float64]) -> str:
        """`value @ weights + constants`; weights [columns, outputs], constants [outputs]."""
        return self.add("Gemm", value, self.constant("weights", weights), self.constant("constants", constants))

    def model(self, result: str, columns: int) -> onnx.ModelProto:
        """The checked model whose output is `result`, float32 [rows, columns]."""
        self._nodes[-1].output[0] = OUTPUT
        if self._nodes[-1].name != result:
            raise ValueError(f"{result} is not the last node ({self._nodes[-1].name})")
        graph = helper.make_graph(
            self._nodes,
            "clientele",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["rows", self._inputs])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["rows", columns])],
            self._constants,
        )
        model = helper.make_model(
            graph,
            producer_name="clientele-training",
            producer_version=__version__,
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)
        return model
