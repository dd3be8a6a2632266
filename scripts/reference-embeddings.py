#!/usr/bin/env python3
"""Embeds sentences with sentence-transformers, the model's own reference implementation.

usage: reference-embeddings.py MODEL < sentences > vectors.json

Reads one sentence a line and prints {"package": .., "sentences": [..], "vectors": [[..]]}. Run by scripts/reference-embeddings.sh,
which makes the environment that it needs.
"""
import json
import sys

import sentence_transformers
import torch


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[2])
    sentences = [line.rstrip("\n") for line in sys.stdin]
    torch.set_num_threads(1)
    model = sentence_transformers.SentenceTransformer(sys.argv[1], device="cpu")
    vectors = model.encode(sentences, normalize_embeddings=True, show_progress_bar=False)
    package = f"sentence-transformers {sentence_transformers.__version__}, torch {torch.__version__}"
    rounded = [[float(f"{value:.7g}") for value in vector] for vector in vectors]
    json.dump({"package": package, "sentences": sentences, "vectors": rounded}, sys.stdout, indent=None)
    print()


if __name__ == "__main__":
    main()
