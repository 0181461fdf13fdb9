"""`make graph`: writes the operations of all-MiniLM-L6-v2, and of the query adapter behind it, as ONNX graphs without weights, from which
search/onnx_embedding.py and search/adapter.py run them.

The weights stay where they are, in the model's own safetensors file: the graphs only name them. Operations are ONNX Runtime's fused ones for BERT
(com.microsoft: embeddings with their norm, attention, GELU) where those are quicker; nothing is left for an optimiser to find. One graph multiplies by
float32 weights, for documents; the others by weights of eight bits, signed or not, for queries. Also written is how far the columns of the model's hidden rows
reach, which those weights are arranged by: taken from texts of random words of the model's vocabulary.
"""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from search.adapter import ADAPTER_GRAPH
from search.embedding import Vectors, shipped_folder
from search.onnx_embedding import DOCUMENT_GRAPH, RANGES, SIGNED_QUERY_GRAPH, UNSIGNED_QUERY_GRAPH, session_of
from search.onnx_weights import BLOCK, float_weights

LAYERS, HEADS, WIDTH, INNER, WORDS, POSITIONS = 6, 12, 384, 1536, 30_522, 512
# The adapter's hidden layer.
HIDDEN = 1024
# Of the model's config.json.
EPSILON = 1e-12
FUSED = "com.microsoft"
# MatMulNBits' name for it.
IN_EIGHT_BITS = 4
# The graphs and the kind of their weights.
GRAPHS = {DOCUMENT_GRAPH: TensorProto.FLOAT, SIGNED_QUERY_GRAPH: TensorProto.INT8, UNSIGNED_QUERY_GRAPH: TensorProto.UINT8}
# The products whose left sides are evened out, and the hidden rows, of each layer, that those are.
EVENED = {"attention": "layer.{}", "wide": "layer.{}.between"}
RANGE_TEXTS, RANGE_WORDS, SEED = 200, 6, 7


def main() -> None:
    """Write the graphs and the ranges."""
    for path, kind in GRAPHS.items():
        path.write_bytes(bert(kind).SerializeToString(deterministic=True))
    save_file(ranges(), RANGES)
    ADAPTER_GRAPH.write_bytes(adapter().SerializeToString(deterministic=True))
    for path in (*GRAPHS, RANGES, ADAPTER_GRAPH):
        print(f"{path.name}: {path.stat().st_size} bytes")


def ranges() -> dict[str, Vectors]:
    """The largest amount, over all tokens of random texts, of each column of the left sides of the products that are EVENED, by the product's name."""
    model, folder = bert(TensorProto.FLOAT), shipped_folder()
    rows = {f"layer.{number}.{product}": hidden.format(number) for product, hidden in EVENED.items() for number in range(LAYERS)}
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", "tokens", WIDTH]) for name in rows.values())
    weights = float_weights(load_file(folder / "model.safetensors"))
    session = session_of(model.SerializeToString(), weights)
    largest = {name: np.zeros(WIDTH, dtype=np.float32) for name in rows}
    for ids in random_texts(Tokenizer.from_file(str(folder / "tokenizer.json"))):
        found = session.run(list(rows.values()), {"ids": np.array([ids], dtype=np.int32), "mask": np.ones((1, len(ids)), dtype=np.int32)})
        for name, hidden in zip(rows, found, strict=True):
            np.maximum(largest[name], abs(hidden[0]).max(axis=0), out=largest[name])
    return largest


def random_texts(tokenizer: Tokenizer) -> list[Sequence[int]]:
    """Tokens of texts of words that the vocabulary has whole."""
    words, chance = sorted(word for word in tokenizer.get_vocab() if word.isalpha()), random.Random(SEED)
    return [tokenizer.encode(" ".join(chance.choices(words, k=RANGE_WORDS))).ids for _ in range(RANGE_TEXTS)]


def bert(kind: int) -> onnx.ModelProto:
    """Token ids and mask, int32 of shape (texts, tokens), padded on the right, to vectors, float32 of shape (texts, width), of unit length; by weights of
    this kind. Those of eight bits take one text at a time.

    Devlin et al. 2019, BERT; the mean of the last layer over a text's tokens (Reimers and Gurevych 2019, Sentence-BERT), whose division by the number
    of tokens falls out when the length is made one.
    """
    in_floats = kind == TensorProto.FLOAT
    nodes: list[onnx.NodeProto] = []
    weights = [weight("embeddings.words", WORDS, WIDTH), weight("embeddings.positions", POSITIONS, WIDTH), *norm("embeddings.norm")]

    def add(operation: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        nodes.append(helper.make_node(operation, inputs, [output, *(["lengths"] if output == "layer.0" else [])], domain=domain, **attributes))
        return output

    def times(rows: str, name: str, inner: int, outer: int, output: str) -> str:
        """The product of `rows` and the weights `name`, and their bias."""
        weights.append(weight(f"{name}.bias", outer))
        if in_floats:
            weights.append(weight(f"{name}.weight", inner, outer))
            return add("Add", [add("MatMul", [rows, f"{name}.weight"], f"{name}.product"), f"{name}.bias"], output)
        if name.endswith(tuple(EVENED)):
            weights.append(weight(f"{name}.evening", inner))
            rows = add("Mul", [rows, f"{name}.evening"], f"{name}.evened")
        return add("DynamicQuantizeMatMul", [rows, *numbers(name, inner, outer), f"{name}.bias"], output, FUSED)

    def times_row_by_row(rows: str, name: str, inner: int, outer: int, output: str) -> str:
        """The same where some rows reach much further than others: each is made to reach to one first, so that it has eight bits of its own."""
        if in_floats:
            return times(rows, name, inner, outer, output)
        weights.append(weight(f"{name}.bias", outer))
        reach = add("ReduceMax", [add("Abs", [rows], f"{name}.amounts")], f"{name}.reach", axes=[-1], keepdims=1)
        even = add("Div", [rows, reach], f"{name}.even")
        product = add("DynamicQuantizeMatMul", [even, *numbers(name, inner, outer)], f"{name}.product", FUSED)
        return add("Add", [add("Mul", [product, reach], f"{name}.stretched"), f"{name}.bias"], output)

    def numbers(name: str, inner: int, outer: int) -> list[str]:
        """The weights `name` of eight bits, and what they are worth."""
        weights.extend((weight(f"{name}.numbers", inner, outer, kind=kind), weight(f"{name}.worth", outer), weight(f"{name}.zeros", outer, kind=kind)))
        return [f"{name}.{part}" for part in ("numbers", "worth", "zeros")]

    def normed(rows: str, others: str, name: str, output: str) -> str:
        """The norm of the sum of both. Not ONNX Runtime's one operation for it, which takes six times as long."""
        weights.extend(norm(name))
        return add("LayerNormalization", [add("Add", [rows, others], f"{output}.sum"), f"{name}.weight", f"{name}.bias"], output, epsilon=EPSILON, axis=-1)

    def attention(hidden: str, name: str) -> str:
        if in_floats:
            weights.extend((weight(f"{name}.attention.bias", 3 * WIDTH), weight(f"{name}.attention.weight", WIDTH, 3 * WIDTH)))
            inputs = [hidden, f"{name}.attention.weight", f"{name}.attention.bias", "lengths"]
            return add("Attention", inputs, f"{name}.attended", FUSED, num_heads=HEADS)
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        nodes.append(helper.make_node("Split", [times(hidden, f"{name}.attention", WIDTH, 3 * WIDTH, f"{name}.parts")], parts, axis=2))
        return add("MultiHeadAttention", parts, f"{name}.attended", FUSED, num_heads=HEADS)

    embeddings = ["ids", "", "embeddings.words", "embeddings.positions", "", "embeddings.norm.weight", "embeddings.norm.bias", "mask"]
    hidden = add("EmbedLayerNormalization", embeddings, "layer.0", FUSED, epsilon=EPSILON)
    for number in range(LAYERS):
        name = f"layer.{number}"
        mixed = times(attention(hidden, name), f"{name}.mixed", WIDTH, WIDTH, f"{name}.mixed")
        hidden = normed(mixed, hidden, f"{name}.mixed.norm", f"{name}.between")
        wide = add("Gelu", [times(hidden, f"{name}.wide", WIDTH, INNER, f"{name}.wide")], f"{name}.gelu", FUSED)
        narrow = times_row_by_row(wide, f"{name}.narrow", INNER, WIDTH, f"{name}.narrow")
        hidden = normed(narrow, hidden, f"{name}.narrow.norm", f"layer.{number + 1}")
    rows = add("Unsqueeze", [add("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT), "middle"], "mask.rows")
    total = add("Squeeze", [add("MatMul", [rows, hidden], "sum.rows"), "middle"], "sum")
    add("LpNormalization", [total], "vectors", axis=1, p=2)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"]) for name in ("ids", "mask")]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])]
    middle = helper.make_tensor("middle", TensorProto.INT64, [1], [1])
    return model_of(helper.make_graph(nodes, "all-MiniLM-L6-v2", inputs, outputs, [middle, *weights]))


def adapter() -> onnx.ModelProto:
    """Vectors, float32 of shape (n, width), to the same, moved and of unit length."""
    sizes = helper.make_tensor("sizes", TensorProto.INT64, [2], [HIDDEN, WIDTH])
    weights = [weight("inner.bias", HIDDEN + WIDTH)]

    def times(rows: str, name: str, inner: int, outer: int, output: str) -> onnx.NodeProto:
        """The product of `rows`, which are rounded to eight bits, too, and the weights `name`."""
        weights.extend((weight(f"{name}.numbers", outer, inner // BLOCK, BLOCK, kind=TensorProto.UINT8), weight(f"{name}.worth", outer, inner // BLOCK)))
        inputs = [rows, f"{name}.numbers", f"{name}.worth"]
        return helper.make_node("MatMulNBits", inputs, [output], domain=FUSED, K=inner, N=outer, bits=8, block_size=BLOCK, accuracy_level=IN_EIGHT_BITS)

    nodes = [
        times("vectors", "inner", WIDTH, HIDDEN + WIDTH, "product"),
        helper.make_node("Add", ["product", "inner.bias"], ["both"]),
        helper.make_node("Split", ["both", "sizes"], ["hidden", "straight"], axis=1),
        helper.make_node("FastGelu", ["hidden"], ["bent"], domain=FUSED),
        times("bent", "outer", HIDDEN, WIDTH, "added"),
        helper.make_node("Add", ["straight", "added"], ["sum"]),
        helper.make_node("LpNormalization", ["sum"], ["moved"], axis=1, p=2),
    ]
    given, moved = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", WIDTH]) for name in ("vectors", "moved"))
    return model_of(helper.make_graph(nodes, "query adapter", [given], [moved], [sizes, *weights]))


def model_of(graph: onnx.GraphProto) -> onnx.ModelProto:
    """The operations, with the editions of ONNX that they are of."""
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
