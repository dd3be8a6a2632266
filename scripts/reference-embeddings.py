#!/usr/bin/env python3
"""Embeds the lines of standard input with an implementation that is not ours: transformers on PyTorch.

Usage: reference-embeddings.py MODEL_DIR < sentences > vectors.json
Prints one unit vector a line of input, as a JSON list of lists. How states are pooled is as the folder's 1_Pooling/config.json says, the
mean if it says nothing. scripts/reference-venv.sh makes the environment to run it in.
"""
import json
import pathlib
import sys

import torch
from transformers import AutoModel, AutoTokenizer

MAX_TOKENS = 256


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    pooling = folder / "1_Pooling/config.json"
    is_first = pooling.exists() and json.loads(pooling.read_text()).get("pooling_mode_cls_token", False)
    sentences = [line.rstrip("\n") for line in sys.stdin]
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    vectors = []
    with torch.no_grad():
        for sentence in sentences:
            tokens = tokenizer(sentence, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            hidden = model(**tokens).last_hidden_state[0]
            pooled = hidden[0] if is_first else hidden.mean(dim=0)
            vectors.append((pooled / pooled.norm()).tolist())
    json.dump(vectors, sys.stdout)


if __name__ == "__main__":
    main()
