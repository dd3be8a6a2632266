"""How llama.cpp cuts text into tokens, for crates/engine/tests/gguf_tokenizers.rs.

Usage: python3 scripts/reference-tokenizers.py OUT.json   (needs llama-cpp-python, gguf and tokenizers)

Two small vocabularies are learned from the texts themselves, without any cutting beforehand, so that their merges reach over every
boundary that a rule might draw: a rule that is applied wrongly shows. Each goes into GGUF files that differ in what they say about
cutting and about the tokens around a text; llama.cpp reads those and cuts the texts.
"""
import ctypes
import json
import sys
import tempfile
from pathlib import Path

import gguf
import llama_cpp
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

PIECES = [
    "Hello", " world", "  two", "   three", "\n", "\n\n", " \n ", "\t", "\r\n", "it's", " I'LL", "we've", "'tis", "don't", " '", "''", "1", " 12", "123", "4567",
    "3.14", "1,000,000", "x1y2", "²½", "٣٤", "!", "?!", "...", " --", "(a)", "[b]", "{c: 1}", "$5+3=8", "a^b~c|d<e>", "_x_", "#", "//", "\"quoted\"", "naïve",
    " café", "Ünï", "Straße", "ŒUVRE", "Привет", " мир", "Ελλάδα", "שלום", "مرحبا", " हिन्दी", "ไทย", "東京", "日本語テキスト", "カタカナ", "한국어", " 中文，标点。",
    "🙂", "👩‍👩‍👧", "🇩🇪", "e\u0301", "\u00a0", "\u200b", "\u3000", "a\u0308b", "<|x|>", "<|end|>", " <|x|> ", "<s>", "</s>", "<unk>", "\u2581", "def f(x):\n    return x\n", "    ", "        ",
    "\u0000", "\ufeff", "CamelCase", "UPPER", "http://a.b/c?d=e", "a\u00adb", "ﬁ", "Ǆ", "ſ", "İ",
]
# A token that no merge makes: only a rule that takes whole words finds it.
WHOLE = " worldwide"
SPECIAL = {"<|x|>": gguf.TokenType.USER_DEFINED, "<|end|>": gguf.TokenType.CONTROL, "<s>": gguf.TokenType.CONTROL, "</s>": gguf.TokenType.CONTROL}


def texts():
    """Each piece, and runs of two to five of them."""
    made = list(PIECES) + ["", " ", "  "]
    for step in (1, 7, 11, 23, 31):
        for start in range(0, len(PIECES), 2):
            made.append("".join(PIECES[(start + at * step) % len(PIECES)] for at in range(2 + (start + step) % 4)))
    return [text for text in made if "\0" not in text]


def learned(corpus, byte_level):
    """A vocabulary with its merges, by a trainer that sees every text as one word."""
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    alphabet = []
    if byte_level:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=900, initial_alphabet=sorted(alphabet), show_progress=False, min_frequency=2)
    # Without what is cut out before merging.
    for special in SPECIAL:
        corpus = [part for text in corpus for part in text.split(special)]
    tokenizer.train_from_iterator(corpus, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = [token for token, _ in sorted(model["vocab"].items(), key=lambda entry: entry[1])]
    merges = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    return tokens, merges


def byte_level_words():
    tokens, merges = learned(texts(), True)
    tokens += [WHOLE.replace(" ", "\u0120")] + list(SPECIAL)
    kinds = [int(SPECIAL.get(token, gguf.TokenType.NORMAL)) for token in tokens]
    return {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": kinds,
            "tokenizer.ggml.merges": [" ".join(merge) for merge in merges]}


def sentence_pieces():
    corpus = ["\u2581" + text.replace(" ", "\u2581") for text in texts()]
    tokens, _ = learned(corpus, False)
    first = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    rare = {"Ǆ", "ſ", "한", "👧"}
    tokens = [token for token in tokens if not rare & set(token) and token not in first]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL] + [gguf.TokenType.BYTE] * 256
    kinds += [gguf.TokenType.NORMAL] * len(tokens) + [SPECIAL["<|x|>"], SPECIAL["<|end|>"], gguf.TokenType.USER_DEFINED]
    scores = [0.0] * len(first) + [-float(at) for at in range(len(tokens))] + [-1000.0] * 3
    tokens = first + tokens + ["<|x|>", "<|end|>", "   "]
    return {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": [int(kind) for kind in kinds],
            "tokenizer.ggml.scores": scores, "tokenizer.ggml.unknown_token_id": 0, "tokenizer.ggml.bos_token_id": 1,
            "tokenizer.ggml.eos_token_id": 2}


def write(path, said):
    writer = gguf.GGUFWriter(str(path), "llama")
    for key, value in said.items():
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, value)
    for key in ("context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count"):
        writer.add_uint32(f"llama.{key}", 32)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def cut(path, corpus):
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    assert model, path
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    found = []
    for text in corpus:
        data = text.encode()
        ids = (llama_cpp.llama_token * (len(data) + 16))()
        count = llama_cpp.llama_tokenize(vocabulary, data, len(data), ids, len(ids), True, True)
        assert count >= 0
        found.append(list(ids[:count]))
    llama_cpp.llama_model_free(model)
    return found


def main():
    llama_cpp.llama_backend_init()
    words = {"gpt2": byte_level_words(), "llama": sentence_pieces()}
    bos = {"tokenizer.ggml.bos_token_id": words["gpt2"]["tokenizer.ggml.tokens"].index("<s>"),
           "tokenizer.ggml.eos_token_id": words["gpt2"]["tokenizer.ggml.tokens"].index("</s>")}
    cases = [("gpt2", {"tokenizer.ggml.pre": pre} | bos) for pre in ("default", "gpt-2", "qwen2", "llama-bpe", "smaug-bpe", "smollm")]
    cases.append(("gpt2", {"tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": True} | bos))
    cases.append(("gpt2", {"tokenizer.ggml.pre": "llama-bpe", "tokenizer.ggml.add_bos_token": False} | bos))
    cases += [("llama", {}), ("llama", {"tokenizer.ggml.add_space_prefix": False, "tokenizer.ggml.add_bos_token": False})]
    corpus = texts() + [WHOLE, "a" + WHOLE + "!", WHOLE.strip()]
    out = {"texts": corpus, "words": words, "cases": []}
    with tempfile.TemporaryDirectory() as folder:
        for kind, said in cases:
            path = Path(folder) / "words.gguf"
            write(path, words[kind] | said)
            # A character an id: a list of lists would be three times as long.
            ids = ["".join(chr(0x100 + id) for id in found) for found in cut(path, corpus)]
            out["cases"].append({"words": kind, "said": said, "ids": ids})
    Path(sys.argv[1]).write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(len(corpus), "texts,", [len(words[kind]["tokenizer.ggml.tokens"]) for kind in words], "tokens,", len(cases), "cases")


if __name__ == "__main__":
    main()
