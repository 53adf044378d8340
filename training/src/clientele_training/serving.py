"""Models as they are served: through ONNX Runtime, from float32 rows without NaN."""

import os
from pathlib import Path

import numpy as np
import onnx

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read as it loads; it reports to its maker unless told not to
import onnxruntime

from clientele_training.design import Matrix
from clientele_training.errors import TrainingError
from clientele_training.graph import INPUT, OUTPUT


def run_onnx(model: onnx.ModelProto | Path, rows: Matrix) -> Matrix:
    """Scores [rows, outputs] of raw inputs [rows, inputs] that hold no NaN.

    Raises:
        TrainingError: the file cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    try:
        session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as problem:  # ONNX Runtime has no common class for what it raises
        raise TrainingError(f"{model}: cannot be loaded: {problem}") from problem
    return session.run([OUTPUT], {INPUT: np.ascontiguousarray(rows, dtype=np.float32)})[0].astype(np.float64)
