#!/usr/bin/env python3
"""Embeds the lines of standard input with an implementation that is not ours: transformers on PyTorch.

Usage: reference-embeddings.py MODEL_DIR < sentences > vectors.json
Prints one unit vector a line of input, as a JSON list of lists. scripts/reference-venv.sh makes the environment to run it in.
"""
import json
import sys

import torch
from transformers import AutoTokenizer, BertModel

MAX_TOKENS = 256


def main() -> None:
    folder = sys.argv[1]
    sentences = [line.rstrip("\n") for line in sys.stdin]
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = BertModel.from_pretrained(folder, local_files_only=True).eval()
    vectors = []
    with torch.no_grad():
        for sentence in sentences:
            tokens = tokenizer(sentence, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            hidden = model(**tokens).last_hidden_state[0]
            mean = hidden.mean(dim=0)
            vectors.append((mean / mean.norm()).tolist())
    json.dump(vectors, sys.stdout)


if __name__ == "__main__":
    main()
