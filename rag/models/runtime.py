"""Runs an exported ONNX graph on the CPU with OpenVINO, in bf16 where that is measured to be faster and as exact.

A graph is exported once into the cache folder. Which precision it runs in is decided by a measurement on this CPU
(OpenVINO's ``INFERENCE_PRECISION_HINT``) and kept beside the graph. A CPU without bf16 may multiply int8 numbers:
weights rounded for each output, what they are multiplied with rounded on the way for every 384 values (OpenVINO's
``DYNAMIC_QUANTIZATION_GROUP_SIZE``), everything else in float32.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError
from rag.files import write_atomically

Arrays = Mapping[str, npt.NDArray[Any]]
Outputs = list[npt.NDArray[np.float32]]
_LENGTHS = (16, 32, 48, 64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512)  # few shapes: kernels are made per shape
_MOST_TOKENS, _MOST_ROWS = 8192, 64  # of one batch of texts to encode


class Graph:
    """A compiled graph. Safe to call from several threads."""

    def __init__(self, compiled: Any, precision: str) -> None:
        self._compiled, self.precision = compiled, precision
        self._local = threading.local()

    def __call__(self, inputs: Arrays) -> Outputs:
        """Every output in the graph's order, as float32 copies."""
        request = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._compiled.create_infer_request()
        result = request.infer(dict(inputs))
        return [np.array(result[port], dtype=np.float32) for port in self._compiled.outputs]


def load_graph(
    name: str,
    *,
    cache_dir: Path,
    export: Callable[[Path], None],
    sample: Arrays,
    agree: Callable[[Outputs, Outputs], bool],
    rounded: bool = False,
) -> Graph:
    """The graph called ``name``, exported by ``export(path)`` if the cache lacks it.

    ``sample`` is a typical input; ``agree(f32, fast)`` says whether the two results are the same for our purpose.
    ``rounded``: without bf16 it may run in int8.
    Raises :class:`ModelError` if the graph cannot be exported or read.
    """
    import openvino

    path = _exported(name, cache_dir.expanduser(), export)
    core = openvino.Core()
    try:
        model = core.read_model(path)
    except RuntimeError as error:
        raise ModelError(
            f"the exported model {path} cannot be read", why=str(error).splitlines()[0], fix=f"rm -r {path.parent}"
        ) from None
    note = path.parent / f"precision-{_cpu_key()}.json"
    if precision := _noted(note):
        return Graph(compiled(core, model, precision), precision)
    fast = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "int8" if rounded else ""
    graph, measured = _measured(core, model, fast, sample, agree)
    with suppress(OSError):  # a cache that is read-only is measured for at each start
        write_atomically(note, json.dumps(measured).encode())
    return graph


def _noted(note: Path) -> str:
    """The precision that was measured before; "" where no note, or no sound one, says so."""
    try:
        precision = json.loads(note.read_text())["precision"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return precision if precision in ("f32", "bf16", "int8") else ""


def compiled(core: Any, model: Any, precision: str) -> Any:
    """An OpenVINO ``model`` made ready for this CPU, in "f32", "bf16" or "int8"."""
    int8 = precision == "int8"
    return core.compile_model(
        _with_int8_weights(model.clone()) if int8 else model,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "f32" if int8 else precision,
            **({"DYNAMIC_QUANTIZATION_GROUP_SIZE": "384"} if int8 else {}),  # 64 is as fast, 1536 slower
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": str(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1),
            "ENABLE_CPU_PINNING": "NO",  # else every process with one thread works on the first core
        },
    )


def _with_int8_weights(model: Any) -> Any:
    """The weights of each linear layer as int8 and one scale for every output. Changes ``model``."""
    from openvino import opset13 as op
    from openvino.passes import ConstantFolding, Manager

    folding = Manager()
    folding.register_pass(ConstantFolding())
    folding.run_passes(model)
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul" or node.input_value(1).get_node().get_type_name() != "Constant":
            continue
        weights = node.input_value(1).get_node().get_data()
        weights = weights if node.get_attributes()["transpose_b"] else weights.T  # (outputs, inputs)
        scales = np.abs(weights).max(axis=1, keepdims=True) / 127 + 1e-12
        small = op.convert(op.constant(np.round(weights / scales).astype(np.int8)), "f32")
        product = op.matmul(node.input_value(0), op.multiply(small, op.constant(scales)), False, True)
        node.output(0).replace(product.output(0))
    return model


def _measured(
    core: Any, model: Any, faster: str, sample: Arrays, agree: Callable[[Outputs, Outputs], bool]
) -> tuple[Graph, dict[str, Any]]:
    """In float32, or in the precision ``faster`` where it agrees and is."""
    exact = Graph(compiled(core, model, "f32"), "f32")
    if not faster:
        return exact, {"precision": "f32", "why": "this CPU has no bf16 instructions"}
    fast = Graph(compiled(core, model, faster), faster)
    same = agree(exact(sample), fast(sample))
    seconds = {graph.precision: min(_seconds(graph, sample) for _ in range(5)) for graph in (exact, fast)}
    chosen = fast if same and seconds[faster] < seconds["f32"] else exact
    return chosen, {"precision": chosen.precision, "agrees": same, "seconds": seconds}


def _seconds(graph: Graph, sample: Arrays) -> float:
    start = time.perf_counter()
    graph(sample)
    return time.perf_counter() - start


def _exported(name: str, cache_dir: Path, export: Callable[[Path], None]) -> Path:
    """The path of the graph; exported to a temporary folder and renamed, so that a stop leaves no half a file."""
    folder = cache_dir / name
    path = folder / "graph.onnx"
    if path.exists():
        return path
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=cache_dir, prefix=".export-"))
    except OSError as error:
        fix = "set PULLQUOTE_CACHE_DIR to a folder that can be written"
        raise ModelError(f"the models cannot be prepared in {cache_dir}", why=str(error.strerror), fix=fix) from None
    try:
        export(temporary / "graph.onnx")
        if folder.exists() and not path.exists():
            shutil.rmtree(folder)
        try:
            os.rename(temporary, folder)
        except OSError:
            if not path.exists():  # otherwise another process was quicker
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return path


def export_onnx(module: Any, sample: Arrays, outputs: Sequence[str], path: Path) -> None:
    """Write a torch module that takes ``sample``'s arrays (in order) as a graph with free batch and length."""
    import logging
    import warnings

    import torch

    batch, length = torch.export.Dim("batch", min=1), torch.export.Dim("length", min=2)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(torch.from_numpy(array) for array in sample.values()),
            str(path),
            input_names=list(sample),
            output_names=list(outputs),
            dynamic_shapes=tuple({0: batch, 1: length} for _ in sample),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def bert_inputs(
    ids: Sequence[Sequence[int]], width: int, types: Sequence[Sequence[int]] | None = None
) -> dict[str, npt.NDArray[np.int64]]:
    """int64 (n, width) arrays of rows of wordpieces, padded with zeros; token types only where they are given.

    >>> {name: array.tolist() for name, array in bert_inputs([[7, 8], [9]], 2).items()}
    {'input_ids': [[7, 8], [9, 0]], 'attention_mask': [[1, 1], [1, 0]]}
    """
    rows = {"input_ids": ids, "attention_mask": [[1] * len(row) for row in ids]}
    if types is not None:
        rows["token_type_ids"] = types
    out = {name: np.zeros((len(ids), width), np.int64) for name in rows}
    for name, filled in rows.items():
        for number, row in enumerate(filled):
            out[name][number, : len(row)] = row
    return out


def batches(lengths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """(row numbers, padded length) for every batch, long rows together so that little is padding.

    ``lengths`` are in wordpieces. Ties keep the given order, so that the same input makes the same batches.
    """
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    while order:
        width = padded(lengths[order[0]])
        full = max(1, min(_MOST_ROWS, _MOST_TOKENS // width))
        # few shapes: the runtime keeps kernels for each, about 1.4 MiB
        count = full if len(order) >= full else 1 << (len(order).bit_length() - 1)
        yield order[:count], width
        order = order[count:]


def padded(length: int) -> int:
    """The smallest of a few lengths that holds ``length`` wordpieces."""
    return next((width for width in _LENGTHS if width >= length), length)


def _cpu_key() -> str:
    """Names this CPU, so that a cache carried to another machine is measured again."""
    import openvino

    core = openvino.Core()
    name = f"{core.get_property('CPU', 'FULL_DEVICE_NAME')} {openvino.__version__} {os.cpu_count()}"
    return hashlib.sha256(name.encode()).hexdigest()[:10]
