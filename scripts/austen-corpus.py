#!/usr/bin/env python3
"""Turn Debian's r-cran-janeaustenr package into the training corpus of models/tiny.

The package holds Jane Austen's six novels (published 1811-1818, public domain) as R objects: vectors of the lines of the
printed page. This reads them without R, joins lines into paragraphs, and writes

    OUT/train.txt, OUT/valid.txt

one paragraph a line, one empty line between chapters. Every twentieth run of 40 paragraphs is held out for validation.

usage: austen-corpus.py Rdata.rdb OUT
"""
import os
import re
import struct
import sys
import zlib

HELD_OUT_EVERY = 20
RUN = 40
HEADING = re.compile(r"^(chapter|volume|letter|finis|the end|end)\b.{0,24}$", re.IGNORECASE)


def objects(database):
    """The R objects of a lazy-load database: each a big-endian length and a zlib stream."""
    offset = 0
    while offset < len(database):
        (length,) = struct.unpack_from(">I", database, offset)
        stream = zlib.decompressobj()
        plain = stream.decompress(database[offset + 4 :])
        if len(plain) != length:
            raise ValueError(f"object at byte {offset} has {len(plain)} bytes, its header says {length}")
        yield plain
        offset = len(database) - len(stream.unused_data)


def lines(serialised):
    """The strings of one serialised character vector (R's XDR format, version 3)."""
    if serialised[:2] != b"X\n":
        raise ValueError("not an XDR serialisation")
    (encoding_length,) = struct.unpack_from(">I", serialised, 14)
    offset = 18 + encoding_length
    flags, count = struct.unpack_from(">II", serialised, offset)
    if flags & 0xFF != 16:
        raise ValueError(f"object of type {flags & 0xFF}, expected a character vector (16)")
    offset += 8
    for _ in range(count):
        flags, length = struct.unpack_from(">Ii", serialised, offset)
        offset += 8
        yield serialised[offset : offset + max(length, 0)].decode("utf-8")
        offset += max(length, 0)


def chapters(page_lines):
    """Paragraphs grouped by chapter; headings and the title page before the first of them are left out."""
    chapter, paragraph, started = [], [], False
    for line in list(page_lines) + [""]:
        line = line.strip()
        if HEADING.match(line):
            line, started = "", True
            if chapter:
                yield chapter
            chapter = []
        if line:
            paragraph.append(line)
        elif paragraph:
            text = re.sub(r"\s+", " ", " ".join(paragraph)).replace("_", "")
            paragraph = []
            if started and len(text) > 1 and not text.isupper():
                chapter.append(text)
    if chapter:
        yield chapter


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip().splitlines()[-1])
    with open(sys.argv[1], "rb") as source:
        database = source.read()
    parts = {"train": [], "valid": []}
    paragraphs = 0
    for novel in objects(database):
        for chapter in chapters(lines(novel)):
            for text in chapter:
                part = "valid" if paragraphs // RUN % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else "train"
                parts[part].append(text)
                paragraphs += 1
            for texts in parts.values():
                if texts and texts[-1]:
                    texts.append("")
    os.makedirs(sys.argv[2], exist_ok=True)
    for name, texts in parts.items():
        path = os.path.join(sys.argv[2], name + ".txt")
        with open(path + ".part", "w", encoding="utf-8") as out:
            out.write("\n".join(texts))
        os.replace(path + ".part", path)
        print(f"{path}: {sum(1 for t in texts if t)} paragraphs, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
