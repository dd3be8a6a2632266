"""ONNX Runtime's side of bench-engine.sh embeddings: bench-engine-onnx.py FOLDER THREADS OUR_VECTORS.

Prints what the bench `embeddings` of laurel-engine prints: seconds for 32 texts of 64 tokens, the median of 15 times; stops if
a vector differs from ours by more than 1e-4. The graph is made from the folder's weights, of ONNX Runtime's own fused operators
(what its optimiser makes of an exported graph, and a little faster), without a mask, since no text is padded.
"""
import json
import sys
import time

import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

TEXTS, TOKENS, TIMES = 32, 64, 15
RUNTIME = "com.microsoft"


class Graph:
    def __init__(self, folder):
        self.config = json.load(open(f"{folder}/config.json"))
        self.weights = load_file(f"{folder}/model.safetensors")
        self.nodes, self.constants, self.names = [], [], 0

    def constant(self, value):
        self.names += 1
        name = f"c{self.names}"
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(value), name))
        return name

    def weight(self, name, transposed=False):
        value = self.weights[name]
        return self.constant(value.T if transposed else value)

    def add(self, operator, *inputs, domain="", **attributes):
        self.names += 1
        output = f"t{self.names}"
        self.nodes.append(helper.make_node(operator, inputs, [output], f"n{self.names}", domain=domain, **attributes))
        return output

    def norm_weights(self, name):
        return self.weight(f"{name}.weight"), self.weight(f"{name}.bias")

    def model(self, states):
        pooled = self.add("ReduceMean", states, axes=[1], keepdims=0)
        vectors = self.add("LpNormalization", pooled, axis=-1, p=2)
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])
        out = helper.make_tensor_value_info(vectors, TensorProto.FLOAT, ["texts", self.config["hidden_size"]])
        graph = helper.make_graph(self.nodes, "bert", [ids], [out], self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(RUNTIME, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def fused(graph):
    epsilon = graph.config["layer_norm_eps"]
    heads = graph.config["num_attention_heads"]

    def product(x, name):
        return graph.add("MatMul", x, graph.weight(f"{name}.weight", transposed=True))

    def skip_norm(product, bias, skip, name):
        weights = graph.norm_weights(name)
        bias = graph.weight(f"{bias}.bias")
        return graph.add("SkipLayerNormalization", product, skip, *weights, bias, domain=RUNTIME, epsilon=epsilon)

    words = graph.add("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids")
    places = graph.weights["embeddings.position_embeddings.weight"][:TOKENS]
    kind = graph.weights["embeddings.token_type_embeddings.weight"][0]
    places = graph.constant(numpy.broadcast_to((places + kind)[None], (TEXTS, *places.shape)))
    x = graph.add("SkipLayerNormalization", words, places, *graph.norm_weights("embeddings.LayerNorm"), domain=RUNTIME, epsilon=epsilon)
    for index in range(graph.config["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        weights = numpy.concatenate([graph.weights[f"{part}.weight"].T for part in parts], axis=1)
        biases = numpy.concatenate([graph.weights[f"{part}.bias"] for part in parts])
        mixed = graph.add("Attention", x, graph.constant(weights), graph.constant(biases), domain=RUNTIME, num_heads=heads)
        output = f"{layer}.attention.output"
        x = skip_norm(product(mixed, f"{output}.dense"), f"{output}.dense", x, f"{output}.LayerNorm")
        wide = product(x, f"{layer}.intermediate.dense")
        wide = graph.add("BiasGelu", wide, graph.weight(f"{layer}.intermediate.dense.bias"), domain=RUNTIME)
        x = skip_norm(product(wide, f"{layer}.output.dense"), f"{layer}.output.dense", x, f"{layer}.output.LayerNorm")
    return graph.model(x)


def main(folder, threads, ours):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(fused(Graph(folder)), options, providers=["CPUExecutionProvider"])
    ids = numpy.array([1000 + index * 7919 % 28000 for index in range(TEXTS * TOKENS)]).reshape(TEXTS, TOKENS)
    (vectors,) = session.run(None, {"ids": ids})
    difference = numpy.abs(vectors - numpy.fromfile(ours, dtype=numpy.float32).reshape(TEXTS, -1)).max()
    if not difference <= 1e-4:
        raise SystemExit(f"ONNX Runtime's vectors differ from ours by up to {difference}")
    # As the engine's bench: on one thread its time on the processor.
    now = time.thread_time if int(threads) == 1 else time.perf_counter
    times = []
    for _ in range(TIMES):
        begin = now()
        session.run(None, {"ids": ids})
        times.append(now() - begin)
    print(f"{sorted(times)[TIMES // 2]:.6f}")


main(*sys.argv[1:])
