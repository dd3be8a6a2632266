#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: small files that are right, or wrong in one way that a mutation would not find.

Usage: python3 fuzz/formats/seeds.py      (the standard library only; writes into fuzz/formats/seeds)
"""
import hashlib
import json
import struct
from pathlib import Path

OUT = Path(__file__).parent / "seeds"
HIDDEN, VOCAB = 32, 8
F32, F16, Q4_0, Q8_0, Q4_K, Q6_K, BF16 = 0, 1, 2, 8, 12, 14, 30


def save(name, data):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def value(entry):
    """A value of metadata with its type: text, whole number, float, yes or no, or a list."""
    if isinstance(entry, str):
        return struct.pack("<I", 8) + text(entry)
    if isinstance(entry, bool):
        return struct.pack("<IB", 7, entry)
    if isinstance(entry, int):
        return struct.pack("<II", 4, entry)
    if isinstance(entry, float):
        return struct.pack("<If", 6, entry)
    kind, items = (8, [text(item) for item in entry]) if isinstance(entry[0], str) else (
        (6, [struct.pack("<f", item) for item in entry]) if isinstance(entry[0], float) else (5, [struct.pack("<i", item) for item in entry]))
    return struct.pack("<IIQ", 9, kind, len(items)) + b"".join(items)


def block(kind, seed):
    """The bytes of a block: scales near 0.01, codes that differ."""
    codes = bytes((seed * 7 + at * 13) % 251 for at in range(208))
    half = struct.pack("<e", 0.01)
    return {F32: struct.pack("<f", (seed % 17 - 8) / 40), F16: struct.pack("<e", (seed % 17 - 8) / 40), Q4_0: half + codes[:16],
            Q8_0: half + codes[:32], Q4_K: half + half + codes[:140], Q6_K: codes[:208] + half}[kind]


SIZES = {F32: 1, F16: 1, Q4_0: 32, Q8_0: 32, Q4_K: 256, Q6_K: 256}


def tensor(kind, shape):
    count = 1
    for size in shape:
        count *= size
    return b"".join(block(kind, at) for at in range(count // SIZES[kind]))


def layer(hidden, wide, kind):
    pre = "blk.0."
    kv = hidden // 2
    return [(pre + "attn_norm.weight", F32, [hidden]), (pre + "ffn_norm.weight", F32, [hidden]),
            (pre + "attn_q.weight", kind, [hidden, hidden]), (pre + "attn_k.weight", kind, [kv, hidden]),
            (pre + "attn_v.weight", kind, [kv, hidden]), (pre + "attn_output.weight", kind, [hidden, hidden]),
            (pre + "ffn_gate.weight", kind, [wide, hidden]), (pre + "ffn_up.weight", kind, [wide, hidden]),
            (pre + "ffn_down.weight", kind, [hidden, wide])]


def gguf(said, tensors, version=3, count=None, offsets=None, alignment=32):
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors) if count is None else count, len(said))
    for key, entry in said:
        head += text(key) + value(entry)
    data, body = 0, b""
    for at, (name, kind, shape) in enumerate(tensors):
        offset = data if offsets is None else offsets[at]
        head += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", size) for size in reversed(shape))
        head += struct.pack("<IQ", kind, offset)
        stored = tensor(kind, shape)
        body += stored + bytes(-len(stored) % alignment)
        data = len(body)
    return head + bytes(-len(head) % alignment) + body


def described(hidden=HIDDEN, wide=HIDDEN):
    return [("general.architecture", "llama"), ("llama.context_length", 64), ("llama.embedding_length", hidden),
            ("llama.block_count", 1), ("llama.feed_forward_length", wide), ("llama.attention.head_count", 4),
            ("llama.attention.head_count_kv", 2), ("llama.attention.layer_norm_rms_epsilon", 1e-5), ("llama.rope.freq_base", 1e4)]


def gguf_seeds():
    outer = [("token_embd.weight", Q8_0, [VOCAB, HIDDEN]), ("output_norm.weight", F32, [HIDDEN])]
    for name, kind in [("q8_0", Q8_0), ("q4_0", Q4_0)]:
        save(f"gguf/{name}.gguf", gguf(described(), outer + layer(HIDDEN, HIDDEN, kind)))
    vocabulary = ["<s>", "</s>", "a", "b", "\u0120", "ab", "\u0120a", "<|x|>"]
    words = [("tokenizer.ggml.model", "gpt2"), ("tokenizer.ggml.pre", "qwen2"), ("tokenizer.ggml.tokens", vocabulary),
             ("tokenizer.ggml.token_type", [3, 3, 1, 1, 1, 1, 1, 4]), ("tokenizer.ggml.merges", ["a b", "\u0120 a"]),
             ("tokenizer.ggml.bos_token_id", 0), ("tokenizer.ggml.eos_token_id", 1), ("tokenizer.ggml.add_bos_token", True),
             ("tokenizer.chat_template", "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}")]
    # Of such files only headers are read to the end: 3 KB and no weights.
    save("gguf/words-gpt2.gguf", gguf(described() + words, outer[1:]))
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + ["\u2581", "a", "b", "\u2581a", "ab"]
    words = [("tokenizer.ggml.model", "llama"), ("tokenizer.ggml.tokens", pieces),
             ("tokenizer.ggml.scores", [0.0] * 259 + [-1.0, -2.0, -3.0, -4.0, -5.0]),
             ("tokenizer.ggml.token_type", [2, 3, 3] + [6] * 256 + [1] * 5), ("tokenizer.ggml.unknown_token_id", 0),
             ("tokenizer.ggml.bos_token_id", 1), ("tokenizer.ggml.eos_token_id", 2)]
    save("gguf/words-llama.gguf", gguf(described() + words, outer[1:]))
    norm = ("a", F32, [4])
    save("gguf/many-tensors.gguf", gguf([], [], count=1 << 60))
    save("gguf/long-list.gguf", gguf([("x", "y")], [])[:-32] + text("l") + struct.pack("<IIQ", 9, 8, 1 << 60))
    save("gguf/twice.gguf", gguf([], [norm, norm]))
    save("gguf/overlap.gguf", gguf([], [norm, ("b", F32, [4])], offsets=[0, 0]))
    save("gguf/unaligned.gguf", gguf([], [norm], offsets=[4]))
    save("gguf/huge-shape.gguf", gguf([], [norm])[:-32].replace(struct.pack("<Q", 4), struct.pack("<Q", 1 << 62)))
    save("gguf/no-rows.gguf", gguf([], [("a", F32, [0, 4])]))
    save("gguf/odd-row.gguf", gguf([], [("a", Q4_K, [2, 128])]))
    save("gguf/kinds.gguf", gguf([], [("a", Q4_K, [1, 256]), ("b", Q6_K, [1, 256]), ("c", F16, [3])]))
    save("gguf/version-2.gguf", gguf([], [norm], version=2))
    save("gguf/empty.gguf", b"")


def safetensors(tensors, spoil=lambda header: header):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, dtype, shape in tensors:
        count = 1
        for size in shape:
            count *= size
        stored = b"".join(struct.pack("<e" if dtype == "F16" else "<f", (at % 17 - 8) / 40) for at in range(count))
        if dtype == "BF16":
            stored = b"".join(stored[at + 2:at + 4] for at in range(0, len(stored), 4))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(stored)]}
        data += stored
    head = spoil(json.dumps(header)).encode()
    return struct.pack("<Q", len(head)) + head + data


LLAMA = {"model_type": "llama", "vocab_size": 8, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
         "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
         "rope_theta": 10000.0, "tie_word_embeddings": True, "hidden_act": "silu", "eos_token_id": [1, 2]}


def safetensors_seeds():
    pre = "model.layers.0."
    for dtype in ["F16", "BF16", "F32"]:
        tensors = [("model.embed_tokens.weight", dtype, [8, 16]), ("model.norm.weight", dtype, [16]),
                   (pre + "input_layernorm.weight", dtype, [16]), (pre + "post_attention_layernorm.weight", dtype, [16])]
        tensors += [(f"{pre}self_attn.{part}_proj.weight", dtype, [out, 16]) for part, out in [("q", 16), ("k", 8), ("v", 8), ("o", 16)]]
        tensors += [(f"{pre}mlp.{part}_proj.weight", dtype, [16, 16]) for part in ["gate", "up", "down"]]
        save(f"safetensors/{dtype.lower()}.safetensors", safetensors(tensors))
    two = [("a", "F32", [2]), ("b", "F32", [2])]
    save("safetensors/overlap.safetensors", safetensors(two, lambda head: head.replace("[8, 16]", "[0, 8]")))
    save("safetensors/twice.safetensors", safetensors(two, lambda head: head.replace('"b"', '"a"')))
    save("safetensors/backwards.safetensors", safetensors(two, lambda head: head.replace("[8, 16]", "[16, 8]")))
    save("safetensors/huge-shape.safetensors", safetensors(two, lambda head: head.replace("[2]", "[4294967296, 4294967296, 4294967296]")))
    save("safetensors/no-rows.safetensors", safetensors([("a", "F32", [0, 3])]))
    save("safetensors/integers.safetensors", safetensors(two, lambda head: head.replace('"F32"', '"I32"', 1)))
    save("safetensors/deep.safetensors", safetensors([], lambda head: '{"a":' + "[" * 400))
    save("safetensors/long-header.safetensors", struct.pack("<Q", 1 << 60) + b"{}")
    save("safetensors/empty.safetensors", b"")


def config_seeds():
    configs = {
        "llama": LLAMA,
        "llama3": LLAMA | {"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                            "original_max_position_embeddings": 32}},
        "gemma3": LLAMA | {"model_type": "gemma3_text", "head_dim": 8, "sliding_window": 8, "sliding_window_pattern": 6,
                           "query_pre_attn_scalar": 16, "hidden_activation": "gelu_pytorch_tanh"},
        "phi3": LLAMA | {"model_type": "phi3", "original_max_position_embeddings": 32,
                         "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.1, 1.2, 1.3], "long_factor": [1.0]}},
        "bert": {"model_type": "xlm-roberta", "vocab_size": 8, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                 "intermediate_size": 16, "hidden_act": "gelu", "max_position_embeddings": 66, "type_vocab_size": 1,
                 "layer_norm_eps": 1e-5, "pad_token_id": 1, "max_seq_length": 64, "pooling_mode_cls_token": True},
        "tokenizer": {"chat_template": [{"name": "default", "template": "{{ messages[0].content }}"}], "bos_token": "a",
                      "eos_token": {"content": "b", "lstrip": False}},
        "index": {"weight_map": {"model.norm.weight": "model-1.safetensors", "lm_head.weight": "../../etc/passwd"}},
    }
    for name, config in configs.items():
        save(f"config/{name}.json", json.dumps(config))
    save("config/deep.json", '{"a":' * 300)
    save("config/not-utf8.json", b'{"model_type": "ll\xff\xfema"}')


def tokenizer_seeds():
    special = {"id": 0, "content": "<s>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}
    split = {"type": "Split", "pattern": {"Regex": "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": False}
    bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    kinds = {
        "bpe": {"normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, bytes_]},
                "post_processor": template, "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
                "model": {"type": "BPE", "vocab": {"<s>": 0, "a": 1, "b": 2, "\u0120": 3, "ab": 4, "\u0120a": 5}, "merges": ["a b", "\u0120 a"],
                          "continuing_subword_prefix": "", "ignore_merges": True, "byte_fallback": False, "fuse_unk": False}},
        "spm": {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
                "pre_tokenizer": None, "post_processor": template,
                "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
                "model": {"type": "BPE", "vocab": {"<s>": 0, "a": 1, "\u2581": 2, "<0x41>": 3, "\u2581a": 4}, "merges": [["\u2581", "a"]],
                          "unk_token": "<s>", "byte_fallback": True, "fuse_unk": True}},
        "unigram": {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAAAAAA"}, "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
                    "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<s>", 0.0], ["a", -1.0], ["\u2581", -2.5], ["\u2581a", -3.0]], "byte_fallback": False}},
        "wordpiece": {"normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
                      "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
                      "model": {"type": "WordPiece", "unk_token": "<s>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                                "vocab": {"<s>": 0, "a": 1, "##b": 2, "b": 3}}},
        # A prefix that is longer than a token made the library panic.
        "prefix": {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"], "continuing_subword_prefix": "longer"}},
    }
    for name, kind in kinds.items():
        whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [special] if name != "prefix" else []} | kind
        save(f"tokenizer/{name}.json", json.dumps(whole))


def template_seeds():
    save("template/chatml.jinja", "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nHi<|im_end|>\\n' }}{% endif %}"
         "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
    save("template/llama3.jinja", "{%- if not date_string is defined %}{%- set date_string = strftime_now('%d %b %Y') %}{%- endif %}{{- bos_token }}"
         "{%- for m in messages[1:] %}{{- m['content'] | trim | tojson(indent=4) }}{%- endfor %}{{ raise_exception('no') if messages | length > 3 }}")
    save("template/methods.jinja", "{% macro f(x) %}{{ x.split('a')[-1].strip('b').title() }}{% endmacro %}{% set ns = namespace(i=0) %}"
         "{% for k, v in {'a': [1, 2]}.items() %}{% set ns.i = ns.i + v[0] * 7 // 2 ** 3 %}{{ f(k) }}{{ v | join(', ') }}{% endfor %}{{ 'x' * 3 }}{{ messages[::-1] }}")
    save("template/endless.jinja", "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}")
    save("template/strftime.jinja", "{{ strftime_now('%') }}{{ strftime_now('%Q%%%e') }}{{ 'aba'.split('b', 18446744073709551615) }}{{ 'ß'.find('ß') }}")


def address(key):
    """ss58, with the chain's prefix."""
    data = bytes([42]) + key
    data += hashlib.blake2b(b"SS58PRE" + data).digest()[:2]
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + digits
    return digits


def wire_seeds():
    headers = {"laurel-version": "1", "laurel-genesis": "07" * 32, "laurel-netuid": "1", "laurel-sender": address(b"\3" * 32),
               "laurel-receiver": address(b"\t" * 32), "laurel-nonce": "ab" * 16, "laurel-expires": "1010000",
               "laurel-body": "cd" * 32, "laurel-signature": "ef" * 64}
    request = "".join(f"{name}:{value}\n" for name, value in headers.items()) + "\n"
    save("envelope/whole.txt", request + '{"input":"a"}')
    save("envelope/twice.txt", request.replace("laurel-nonce", "laurel-netuid"))
    save("envelope/unsigned.txt", "accept:*/*\n\n{}")
    bodies = {
        "chat": {"model": "tiny", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
                 "temperature": 0.7, "top_p": 0.95, "top_k": 40, "max_completion_tokens": 5, "stop": ["\n", "END"], "stream": True,
                 "stream_options": {"include_usage": True}, "n": 1, "seed": 4},
        "completion": {"prompt": "Once", "max_tokens": 16, "stop": "x", "logprobs": None, "response_format": {"type": "text"}},
        "tokens": {"prompt": [1, 2, 4294967295], "temperature": 0, "logit_bias": {}},
        "embedding": {"input": ["a", "b"], "encoding_format": "base64", "dimensions": 0},
        "vectors": {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": "AACAPwAAgD8="},
                                               {"object": "embedding", "index": 1, "embedding": [0.1, -1e-3]}],
                    "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}},
        "chunk": {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                  "choices": [{"index": 0, "delta": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}],
                  "laurel": {"token_ids": [1, 2], "prompt_token_ids": [3]}},
        "answer": {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m",
                   "choices": [{"index": 0, "text": "a", "finish_reason": "length"}], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}},
        "error": {"error": {"message": "m", "type": "t", "code": "c", "param": None, "remedy": "r"}},
    }
    for name, body in bodies.items():
        save(f"openai/{name}.json", json.dumps(body))
    save("openai/not-utf8.json", b'{"prompt": "\xff\xfe"}')
    save("openai/surrogate.json", '{"prompt": "\\ud800"}')
    save("openai/deep.json", '{"messages":' + "[" * 300)
    save("receipt/whole.txt", "0100" + "00" * 219)
    save("receipt/with-proof.txt", "0100" + "11" * 98 + "01" + "22" * 152)
    save("receipt/short.txt", "0100" + "11" * 20)
    save("receipt/proof.json", json.dumps({"index": 1, "count": 3, "siblings": [[7] * 32, [8] * 32]}))
    save("receipt/many.json", json.dumps({"index": 4294967294, "count": 4294967295, "siblings": []}))


def proof_seeds():
    """The number of tokens in a byte, then for each window of 32 a modulus and coefficients, of states 16 wide."""
    def window(values, modulus=65521):
        return struct.pack("<H", modulus) + b"".join(struct.pack("<H", at * 509 % 65521) for at in range(min(values, 128)))

    save("proof/three-tokens.bin", bytes([3]) + window(48))
    save("proof/two-windows.bin", bytes([33]) + window(512) + window(16))
    save("proof/short.bin", bytes([33]) + window(512))
    save("proof/modulus.bin", bytes([3]) + window(48, 65535))
    save("proof/coefficient.bin", bytes([1]) + window(15) + b"\xff\xff")


if __name__ == "__main__":
    gguf_seeds()
    safetensors_seeds()
    config_seeds()
    tokenizer_seeds()
    template_seeds()
    wire_seeds()
    proof_seeds()
