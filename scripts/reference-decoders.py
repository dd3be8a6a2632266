"""Expected logits and tokens of small random models of every family, by llama.cpp, for crates/engine/tests/families.rs.

Usage: python3 scripts/reference-decoders.py OUT_DIR   (needs llama-cpp-python, gguf and numpy)

A weight is a function of its tensor's name and its place, so the test makes the same model without any file of weights.
Each case says how config.json describes the model and how a GGUF file does; llama.cpp runs the latter in f32 on one thread.
"""
import ctypes
import json
import math
import sys
import tempfile
from pathlib import Path

import gguf
import llama_cpp
import numpy as np

VOCAB = 64
PROMPT = [(7 * i + 3) % VOCAB for i in range(40)]
STEPS = 64


def values(name, shape):
    """Uniform in a range that keeps sums near 1; norms' weights near 1."""
    state = np.uint64(0xCBF29CE484222325)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            state = (state ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        count = int(np.prod(shape))
        z = state + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    unit = ((z >> np.uint64(40)).astype(np.float32) - np.float32(1 << 23)) / np.float32(1 << 23)
    if len(shape) == 1:
        scaled = unit * np.float32(0.25)
        return scaled + np.float32(1) if "norm" in name and name.endswith("weight") else scaled
    return (unit * np.float32(2.0 / 2 ** round(math.log2(shape[-1]) / 2))).reshape(shape)


def common(**changes):
    config = {
        "vocab_size": VOCAB, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 256,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "hidden_act": "silu", "rope_theta": 10000.0,
    }
    config.update(changes)
    return config


def gemma(**changes):
    return common(hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", tie_word_embeddings=True,
                  num_hidden_layers=4, **changes)


LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
SHORT = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]

CASES = {
    "llama": ("llama", common(model_type="llama")),
    "llama3": ("llama", common(model_type="llama", rope_scaling=LLAMA3, rope_theta=500000.0, tie_word_embeddings=True)),
    "mistral": ("llama", common(model_type="mistral", sliding_window=None)),
    "qwen2": ("qwen2", common(model_type="qwen2", tie_word_embeddings=True)),
    "qwen3": ("qwen3", common(model_type="qwen3", head_dim=32)),
    "gemma": ("gemma", gemma(model_type="gemma", head_dim=32)),
    "gemma2": ("gemma2", gemma(model_type="gemma2", sliding_window=24, query_pre_attn_scalar=16,
                               attn_logit_softcapping=5.0, final_logit_softcapping=3.0)),
    "gemma3": ("gemma3", gemma(model_type="gemma3_text", sliding_window=24, query_pre_attn_scalar=16,
                               rope_theta=1000000.0, rope_local_base_freq=10000.0, sliding_window_pattern=6)
               | {"num_hidden_layers": 7}),
    "phi3": ("phi3", common(model_type="phi3", sliding_window=None, original_max_position_embeddings=128,
                            rope_scaling={"type": "longrope", "short_factor": SHORT, "long_factor": SHORT})),
    "phi": ("phi2", common(model_type="phi", hidden_act="gelu_new", layer_norm_eps=1e-5, partial_rotary_factor=0.5,
                           num_key_value_heads=4)),
}


def layer_tensors(family, config, layer):
    """(name in safetensors, shape, name in GGUF) of a layer."""
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    query = config["num_attention_heads"] * config["head_dim"]
    kv = config["num_key_value_heads"] * config["head_dim"]
    model, blk = f"model.layers.{layer}.", f"blk.{layer}."
    w = ".weight"
    tensors = [(model + "input_layernorm" + w, [hidden], blk + "attn_norm" + w)]
    if family == "phi3":
        tensors += [(model + "self_attn.qkv_proj" + w, [query + 2 * kv, hidden], blk + "attn_qkv" + w),
                    (model + "mlp.gate_up_proj" + w, [2 * wide, hidden], blk + "ffn_up" + w)]
    elif family == "phi":
        for part, out in [("q", query), ("k", kv), ("v", kv)]:
            for end in ["weight", "bias"]:
                shape = [out, hidden] if end == "weight" else [out]
                tensors.append((f"{model}self_attn.{part}_proj.{end}", shape, f"{blk}attn_{part}.{end}"))
        for name, shape, other in [("self_attn.dense", [hidden, query], "attn_output"), ("mlp.fc1", [wide, hidden], "ffn_up"),
                                   ("mlp.fc2", [hidden, wide], "ffn_down")]:
            tensors += [(model + name + w, shape, blk + other + w), (model + name + ".bias", shape[:1], blk + other + ".bias")]
        tensors.append((model + "input_layernorm.bias", [hidden], blk + "attn_norm.bias"))
        return tensors
    else:
        for part, out in [("q", query), ("k", kv), ("v", kv)]:
            tensors.append((f"{model}self_attn.{part}_proj{w}", [out, hidden], f"{blk}attn_{part}{w}"))
            if family == "qwen2":
                tensors.append((f"{model}self_attn.{part}_proj.bias", [out], f"{blk}attn_{part}.bias"))
        tensors += [(model + "mlp.gate_proj" + w, [wide, hidden], blk + "ffn_gate" + w),
                    (model + "mlp.up_proj" + w, [wide, hidden], blk + "ffn_up" + w)]
    if family in ("qwen3", "gemma3"):
        for part in "qk":
            tensors.append((f"{model}self_attn.{part}_norm{w}", [config["head_dim"]], f"{blk}attn_{part}_norm{w}"))
    tensors += [(model + "self_attn.o_proj" + w, [hidden, query], blk + "attn_output" + w),
                (model + "mlp.down_proj" + w, [hidden, wide], blk + "ffn_down" + w)]
    if family in ("gemma2", "gemma3"):
        tensors += [(model + "post_attention_layernorm" + w, [hidden], blk + "post_attention_norm" + w),
                    (model + "pre_feedforward_layernorm" + w, [hidden], blk + "ffn_norm" + w),
                    (model + "post_feedforward_layernorm" + w, [hidden], blk + "post_ffw_norm" + w)]
    else:
        tensors.append((model + "post_attention_layernorm" + w, [hidden], blk + "ffn_norm" + w))
    return tensors


def tensors_of(family, config):
    hidden = config["hidden_size"]
    norm = "model.final_layernorm" if family == "phi" else "model.norm"
    tensors = [("model.embed_tokens.weight", [VOCAB, hidden], "token_embd.weight"), (norm + ".weight", [hidden], "output_norm.weight")]
    if family == "phi":
        tensors += [(norm + ".bias", [hidden], "output_norm.bias"), ("lm_head.bias", [VOCAB], "output.bias")]
    if not config["tie_word_embeddings"]:
        tensors.append(("lm_head.weight", [VOCAB, hidden], "output.weight"))
    for layer in range(config["num_hidden_layers"]):
        tensors += layer_tensors(family, config, layer)
    return tensors


def metadata(arch, family, config):
    """What the GGUF file says."""
    said = {
        "context_length": config["max_position_embeddings"], "embedding_length": config["hidden_size"],
        "block_count": config["num_hidden_layers"], "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"], "attention.head_count_kv": config["num_key_value_heads"],
        "rope.freq_base": float(config["rope_theta"]), "vocab_size": VOCAB,
    }
    if family == "phi":
        said["attention.layer_norm_epsilon"] = config["layer_norm_eps"]
        said["rope.dimension_count"] = int(config["head_dim"] * config["partial_rotary_factor"])
    else:
        said["attention.layer_norm_rms_epsilon"] = config["rms_norm_eps"]
        said["rope.dimension_count"] = config["head_dim"]
    if config["head_dim"] * config["num_attention_heads"] != config["hidden_size"] or family.startswith("gemma"):
        said["attention.key_length"] = said["attention.value_length"] = config["head_dim"]
    if config.get("sliding_window"):
        said["attention.sliding_window"] = config["sliding_window"]
    if family == "gemma2":
        said["attn_logit_softcapping"] = config["attn_logit_softcapping"]
        said["final_logit_softcapping"] = config["final_logit_softcapping"]
    if family == "phi3":
        original = config["original_max_position_embeddings"]
        stretch = config["max_position_embeddings"] / original
        said["rope.scaling.original_context_length"] = original
        said["rope.scaling.attn_factor"] = math.sqrt(1 + math.log(stretch) / math.log(original))
    return {f"{arch}.{key}": value for key, value in said.items()}


def extra_tensors(family, config):
    """Tensors that only GGUF has."""
    pairs = config["head_dim"] // 2
    if family == "llama3":
        scaling = config["rope_scaling"]
        factors = []
        for pair in range(pairs):
            frequency = config["rope_theta"] ** (-2 * pair / config["head_dim"])
            waves = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)
            low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
            kept = min(1.0, max(0.0, (waves - low) / (high - low)))
            factors.append(1 / (kept + (1 - kept) / scaling["factor"]))
        return {"rope_freqs.weight": factors}
    if family == "phi3":
        return {"rope_factors_short.weight": SHORT, "rope_factors_long.weight": SHORT}
    return {}


def transform(family, name, config):
    """How GGUF stores it: pairs of a head side by side, norms' weights plus one, or as it is."""
    if family in ("llama", "llama3", "mistral") and ("q_proj" in name or "k_proj" in name):
        return {"interleave": config["num_attention_heads" if "q_proj" in name else "num_key_value_heads"]}
    return {}


def stored(family, name, shape, how):
    data = values(name, shape)
    if family.startswith("gemma") and len(shape) == 1:
        # The checkpoint holds weights less one; in the test, too.
        data = (data - np.float32(1)) + np.float32(1)
    if "interleave" in how:
        heads = how["interleave"]
        data = data.reshape(heads, 2, shape[0] // heads // 2, shape[1]).swapaxes(1, 2).reshape(shape)
    return np.ascontiguousarray(data, dtype=np.float32)


def write(path, arch, said, tensors, extra, family):
    writer = gguf.GGUFWriter(str(path), arch)
    for key, value in said.items():
        writer.add_float32(key, value) if isinstance(value, float) else writer.add_uint32(key, value)
    writer.add_string("tokenizer.ggml.model", "none")
    for name, shape, other, how in tensors:
        writer.add_tensor(other, stored(family, name, shape, how))
    for name, numbers in extra.items():
        writer.add_tensor(name, np.array(numbers, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def run(path):
    """Logits behind the prompt and behind the last token, and the greedy tokens."""
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
    assert model, path
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 128
    params.n_threads = params.n_threads_batch = 1
    params.type_k = params.type_v = 0
    if hasattr(params, "flash_attn_type"):
        params.flash_attn_type = 0
    if hasattr(params, "swa_full"):
        params.swa_full = True
    context = llama_cpp.llama_init_from_model(model, params)
    assert context, path

    def logits(tokens):
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        assert llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))) == 0
        row = llama_cpp.llama_get_logits_ith(context, -1)
        return np.ctypeslib.as_array(ctypes.cast(row, ctypes.POINTER(ctypes.c_float)), (VOCAB,)).copy()

    first = last = logits(PROMPT)
    tokens = []
    for _ in range(STEPS):
        ranked = np.sort(last)
        assert ranked[-1] - ranked[-2] > 1e-3, "a tie: change the case"
        tokens.append(int(last.argmax()))
        last = logits([tokens[-1]])
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return first, last, tokens


def main():
    out = Path(sys.argv[1])
    llama_cpp.llama_backend_init()
    for family, (arch, config) in CASES.items():
        tensors = [(name, shape, other, transform(family, name, config)) for name, shape, other in tensors_of(family, config)]
        said, extra = metadata(arch, family, config), extra_tensors(family, config)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.gguf"
            write(path, arch, said, tensors, extra, family)
            first, last, tokens = run(path)
        case = {
            "family": family, "config": config, "prompt": PROMPT, "tokens": tokens,
            "architecture": arch, "metadata": said, "extra": extra,
            "tensors": [[name, shape, other, how.get("interleave", 0)] for name, shape, other, how in tensors],
            "first": [round(float(x), 5) for x in first], "last": [round(float(x), 5) for x in last],
        }
        (out / f"{family}.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
        print(family, tokens[:8], flush=True)


if __name__ == "__main__":
    main()
