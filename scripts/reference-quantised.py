"""Expected logits and tokens of small random models in Q4_K and Q6_K, by llama.cpp, for crates/engine/tests/quantised.rs.

Usage: python3 scripts/reference-quantised.py OUT_DIR   (needs llama-cpp-python, gguf and numpy)

The blocks are random bits under scales of about the right size, a function of the tensor's name and the block's place, so the test
makes the same file without any quantiser. llama.cpp runs it on one thread; and then the same weights as floats, which says how far its own
rounding of activations takes it.
"""
import ctypes
import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import gguf
import llama_cpp
import numpy as np

spec = importlib.util.spec_from_file_location("decoders", Path(__file__).with_name("reference-decoders.py"))
decoders = importlib.util.module_from_spec(spec)
spec.loader.exec_module(decoders)

Q4_K, Q6_K = gguf.GGMLQuantizationType.Q4_K, gguf.GGMLQuantizationType.Q6_K
HIDDEN = 256
CONFIG = decoders.common(model_type="llama", hidden_size=HIDDEN, intermediate_size=HIDDEN, num_attention_heads=8, num_key_value_heads=4,
                         head_dim=32, tie_word_embeddings=True)
# The mixture is that of files called Q4_K_M.
CASES = {
    "q4_k": lambda name: Q4_K,
    "q6_k": lambda name: Q6_K,
    "q4_k_m": lambda name: Q6_K if any(part in name for part in ("token_embd", "attn_v", "ffn_down")) else Q4_K,
}


def blocks(name, kind, count):
    """The bytes of so many blocks."""
    state = np.uint64(0xCBF29CE484222325)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            state = (state ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        z = state + (np.arange(count * 32, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    bits = z.astype("<u8").view(np.uint8).reshape(count, 256)
    if kind == Q4_K:
        block = bits[:, :144].copy()
        block[:, :4] = np.array([0.00025, 0.0019], dtype="<f2").view(np.uint8)
    else:
        block = bits[:, :210].copy()
        block[:, 208:] = np.array([2.0 ** -14], dtype="<f2").view(np.uint8)
    return block


def write(path, kinds, exact):
    """With `exact`, the same weights as 32-bit floats."""
    writer = gguf.GGUFWriter(str(path), "llama")
    for key, value in decoders.metadata("llama", "llama", CONFIG).items():
        writer.add_float32(key, value) if isinstance(value, float) else writer.add_uint32(key, value)
    writer.add_string("tokenizer.ggml.model", "none")
    listed = []
    for _, shape, name in decoders.tensors_of("llama", CONFIG):
        if len(shape) == 1:
            writer.add_tensor(name, decoders.values(name, shape).astype(np.float32))
            listed.append([name, shape, 0])
            continue
        kind = kinds(name)
        data = blocks(name, kind, shape[0] * shape[1] // 256)
        data = data.reshape(shape[0], -1)
        if exact:
            writer.add_tensor(name, gguf.quants.dequantize(data, kind).astype(np.float32))
        else:
            writer.add_tensor(name, data, raw_dtype=kind)
        listed.append([name, shape, int(kind)])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return listed


def run(path, follow=None):
    """Logits behind the prompt and behind the last token, the tokens (greedy ones, or those that are to be followed), and by how much each leads."""
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
    assert model, path
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 128
    params.n_threads = params.n_threads_batch = 1
    params.type_k = params.type_v = 0
    params.flash_attn_type = 0
    context = llama_cpp.llama_init_from_model(model, params)
    assert context, path

    def logits(tokens):
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        assert llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))) == 0
        row = llama_cpp.llama_get_logits_ith(context, -1)
        return np.ctypeslib.as_array(ctypes.cast(row, ctypes.POINTER(ctypes.c_float)), (decoders.VOCAB,)).copy()

    first = last = logits(decoders.PROMPT)
    tokens, leads = [], []
    for step in range(decoders.STEPS):
        ranked = np.sort(last)
        leads.append(round(float(ranked[-1] - ranked[-2]), 4))
        tokens.append(follow[step] if follow else int(last.argmax()))
        last = logits([tokens[-1]])
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return first, last, tokens, leads


def rounded(logits):
    return [round(float(x), 4) for x in logits]


def main():
    out = Path(sys.argv[1])
    llama_cpp.llama_backend_init()
    for name, kinds in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.gguf"
            listed = write(path, kinds, False)
            first, last, tokens, leads = run(path)
            write(path, kinds, True)
            exact_first, exact_last, _, _ = run(path, tokens)
        case = {
            "metadata": decoders.metadata("llama", "llama", CONFIG), "tensors": listed, "prompt": decoders.PROMPT,
            "tokens": tokens, "leads": leads,
            "first": rounded(first), "last": rounded(last), "exact_first": rounded(exact_first), "exact_last": rounded(exact_last),
        }
        (out / f"{name}.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
        print(name, tokens[:8], "spread", round(float(first.std()), 3), "least lead", min(leads),
              "off", float(abs(first - exact_first).max()), float(abs(last - exact_last).max()), flush=True)


if __name__ == "__main__":
    main()
