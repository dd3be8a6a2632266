"""Writes GGUF models with random weights in the shapes of published ones: bench-engine-models.py FOLDER SHAPE TYPE.

A speed does not depend on the weights. Where rows are no multiple of 256, q4_k becomes q5_0, as llama-quantize does it.
"""
import sys

import gguf
import numpy

SHAPES = {
    # architecture, hidden, feed-forward, layers, heads, key heads, vocabulary
    "135m": ("llama", 576, 1536, 30, 9, 3, 49152),
    "0.5b": ("qwen2", 896, 4864, 24, 14, 2, 151936),
}
TYPES = {
    "f32": gguf.GGMLQuantizationType.F32,
    "bf16": gguf.GGMLQuantizationType.BF16,
    "q8_0": gguf.GGMLQuantizationType.Q8_0,
    "q4_0": gguf.GGMLQuantizationType.Q4_0,
    "q4_k": gguf.GGMLQuantizationType.Q4_K,
    "q5_0": gguf.GGMLQuantizationType.Q5_0,
}
# Where in a block the half floats are that scale it.
SCALES = {"q8_0": [0], "q4_0": [0], "q5_0": [0], "q4_k": [0, 2]}


def weights(random, shape, kind):
    """Random blocks of a type, with scales that keep values small."""
    if kind in ("f32", "bf16"):
        floats = random.standard_normal(shape, dtype=numpy.float32) * numpy.float32(0.02)
        return floats if kind == "f32" else gguf.quants.quantize(floats, TYPES[kind])
    inputs, size = gguf.GGML_QUANT_SIZES[TYPES[kind]]
    blocks = random.integers(0, 256, (*shape[:-1], shape[-1] // inputs, size), dtype=numpy.uint8)
    scale = numpy.frombuffer(numpy.float16(0.0002).tobytes(), dtype=numpy.uint8)
    for at in SCALES[kind]:
        blocks[..., at : at + 2] = scale
    return blocks.reshape(*shape[:-1], -1)


def main(folder, shape, kind):
    architecture, hidden, wide, layers, heads, kv_heads, vocabulary = SHAPES[shape]
    random = numpy.random.default_rng(1)
    writer = gguf.GGUFWriter(f"{folder}/{shape}-{kind}.gguf", architecture)
    writer.add_context_length(2048)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(wide)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(64)
    writer.add_vocab_size(vocabulary)
    writer.add_tokenizer_model("no_vocab")

    def add(name, *size):
        stored = "q5_0" if kind == "q4_k" and size[-1] % 256 else kind
        writer.add_tensor(name, weights(random, size, stored), raw_dtype=TYPES[stored])

    def norm(name):
        writer.add_tensor(name, numpy.ones(hidden, dtype=numpy.float32))

    add("token_embd.weight", vocabulary, hidden)
    norm("output_norm.weight")
    for layer in range(layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm.weight")
        for part, rows in (("q", heads * 64), ("k", kv_heads * 64), ("v", kv_heads * 64)):
            add(f"{block}.attn_{part}.weight", rows, hidden)
            if architecture == "qwen2":
                writer.add_tensor(f"{block}.attn_{part}.bias", numpy.zeros(rows, dtype=numpy.float32))
        add(f"{block}.attn_output.weight", hidden, heads * 64)
        norm(f"{block}.ffn_norm.weight")
        add(f"{block}.ffn_gate.weight", wide, hidden)
        add(f"{block}.ffn_up.weight", wide, hidden)
        add(f"{block}.ffn_down.weight", hidden, wide)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main(*sys.argv[1:])
