"""`make graph`: writes the operations of all-MiniLM-L6-v2 as ONNX graphs without weights, from which search/onnx_embedding.py runs the model.

The weights stay where they are, in the model's own safetensors file: the graphs only name them. Operations are ONNX Runtime's fused ones for BERT
(com.microsoft: embeddings with their norm, attention, sum with norm, GELU with bias), so nothing is left for an optimiser to find. One graph multiplies by
float32 weights, for documents; the other by weights of eight bits, for queries.
"""

from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from search.onnx_weights import BLOCK

SEARCH = Path(__file__).resolve().parents[1] / "search"

LAYERS, HEADS, WIDTH, INNER, WORDS, POSITIONS = 6, 12, 384, 1536, 30_522, 512
# Of the model's config.json.
EPSILON = 1e-12
FUSED = "com.microsoft"
# How MatMulNBits computes: in products of integers, for which each row is cut into blocks of eight bits, too.
IN_INTEGERS = 4


def main() -> None:
    """Write the graphs."""
    for name, eight_bits in (("documents", False), ("queries", True)):
        path = SEARCH / f"all-MiniLM-L6-v2.{name}.onnx"
        path.write_bytes(bert(eight_bits).SerializeToString(deterministic=True))
        print(f"{path.name}: {path.stat().st_size} bytes")


def bert(eight_bits: bool) -> onnx.ModelProto:
    """Token ids and mask, int32 of shape (texts, tokens), padded on the right, to vectors, float32 of shape (texts, width), of unit length.

    Devlin et al. 2019, BERT; the mean of the last layer over a text's tokens (Reimers and Gurevych 2019, Sentence-BERT), whose division by the number
    of tokens falls out when the length is made one.
    """
    nodes: list[onnx.NodeProto] = []
    weights = [weight("embeddings.words", WORDS, WIDTH), weight("embeddings.positions", POSITIONS, WIDTH), *norm("embeddings.norm")]

    def add(operation: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        nodes.append(helper.make_node(operation, inputs, [output, *(["lengths"] if output == "layer.0" else [])], domain=domain, **attributes))
        return output

    def times(rows: str, name: str, inner: int, outer: int, output: str) -> str:
        """The product of `rows` and the weights `name`."""
        if not eight_bits:
            weights.append(weight(f"{name}.weight", inner, outer))
            return add("MatMul", [rows, f"{name}.weight"], output)
        weights.append(weight(f"{name}.blocks", outer, inner // BLOCK, BLOCK, kind=TensorProto.UINT8))
        weights.append(weight(f"{name}.scales", outer, inner // BLOCK))
        shape = {"K": inner, "N": outer, "bits": 8, "block_size": BLOCK, "accuracy_level": IN_INTEGERS}
        return add("MatMulNBits", [rows, f"{name}.blocks", f"{name}.scales"], output, FUSED, **shape)

    def attention(hidden: str, name: str) -> str:
        weights.append(weight(f"{name}.attention.bias", 3 * WIDTH))
        if not eight_bits:
            weights.append(weight(f"{name}.attention.weight", WIDTH, 3 * WIDTH))
            inputs = [hidden, f"{name}.attention.weight", f"{name}.attention.bias", "lengths"]
            return add("Attention", inputs, f"{name}.attended", FUSED, num_heads=HEADS)
        parts = [times(hidden, f"{name}.attention.{part}", WIDTH, WIDTH, f"{name}.{part}") for part in ("query", "key", "value")]
        return add("MultiHeadAttention", [*parts, f"{name}.attention.bias", "mask"], f"{name}.attended", FUSED, num_heads=HEADS)

    embeddings = ["ids", "", "embeddings.words", "embeddings.positions", "", "embeddings.norm.weight", "embeddings.norm.bias", "mask"]
    hidden = add("EmbedLayerNormalization", embeddings, "layer.0", FUSED, epsilon=EPSILON)
    for number in range(LAYERS):
        name = f"layer.{number}"
        weights += [weight(f"{name}.mixed.bias", WIDTH), *norm(f"{name}.mixed.norm")]
        weights += [weight(f"{name}.wide.bias", INNER), weight(f"{name}.narrow.bias", WIDTH), *norm(f"{name}.narrow.norm")]
        mixed = times(attention(hidden, name), f"{name}.mixed", WIDTH, WIDTH, f"{name}.mixed")
        norm_of_mixed = [f"{name}.mixed.norm.weight", f"{name}.mixed.norm.bias", f"{name}.mixed.bias"]
        hidden = add("SkipLayerNormalization", [mixed, hidden, *norm_of_mixed], f"{name}.between", FUSED, epsilon=EPSILON)
        wide = add("BiasGelu", [times(hidden, f"{name}.wide", WIDTH, INNER, f"{name}.wide"), f"{name}.wide.bias"], f"{name}.gelu", FUSED)
        narrow = times(wide, f"{name}.narrow", INNER, WIDTH, f"{name}.narrow")
        norm_of_narrow = [f"{name}.narrow.norm.weight", f"{name}.narrow.norm.bias", f"{name}.narrow.bias"]
        hidden = add("SkipLayerNormalization", [narrow, hidden, *norm_of_narrow], f"layer.{number + 1}", FUSED, epsilon=EPSILON)
    rows = add("Unsqueeze", [add("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT), "middle"], "mask.rows")
    total = add("Squeeze", [add("MatMul", [rows, hidden], "sum.rows"), "middle"], "sum")
    add("LpNormalization", [total], "vectors", axis=1, p=2)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"]) for name in ("ids", "mask")]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])]
    middle = helper.make_tensor("middle", TensorProto.INT64, [1], [1])
    graph = helper.make_graph(nodes, "all-MiniLM-L6-v2", inputs, outputs, [middle, *weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)], ir_version=8)


def weight(name: str, *shape: int, kind: int = TensorProto.FLOAT) -> onnx.TensorProto:
    """A tensor whose numbers are given when the graph is loaded."""
    tensor = onnx.TensorProto(name=name, dims=shape, data_type=kind, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="model.safetensors")
    return tensor


def norm(name: str) -> list[onnx.TensorProto]:
    """Weight and bias of a layer norm."""
    return [weight(f"{name}.weight", WIDTH), weight(f"{name}.bias", WIDTH)]


if __name__ == "__main__":
    main()
