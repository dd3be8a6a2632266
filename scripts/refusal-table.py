#!/usr/bin/env python3
"""Brings primitives/types/src/refusals.rs up to date with the errors of Laurel's own pallets.

The transaction pool can only answer with a number, so every error of the runtime has one in that table. Numbers never change: an error that
is new gets the next free one, one that is gone leaves its number empty. The remedy is the error's own documentation. The
numbers of FRAME's errors (160 and up) are kept by hand.

Usage: refusal-table.py [--check]    --check: change nothing, fail if something would change
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "primitives/types/src/refusals.rs"
FIRST, LAST = 1, 159
BEGIN, END = "    // Laurel's pallets, kept by scripts/refusal-table.py.\n", "    // FRAME's pallets, kept by hand.\n"
LINE = re.compile(r'\((\d+), "(\w+)", "(\w+)", "((?:[^"\\]|\\.)*)"\),')


def pallets():
    """Name in the runtime -> folder, for Laurel's pallets."""
    runtime = (ROOT / "runtime/src/lib.rs").read_text()
    for name, crate in re.findall(r"pub type (\w+) = pallet_laurel_(\w+);", runtime):
        yield name, ROOT / "pallets" / crate


def errors(folder):
    """(name, documentation) of each error, in order."""
    source = (folder / "src/lib.rs").read_text()
    body = re.search(r"#\[pallet::error\]\s+pub enum Error<T> \{(.*?)\n    \}", source, re.S)
    docs = []
    for line in body.group(1).splitlines() if body else []:
        line = line.strip()
        if line.startswith("///"):
            docs.append(line[3:].strip())
        elif re.fullmatch(r"\w+,", line):
            yield line[:-1], " ".join(docs)
            docs = []


def main():
    text = TABLE.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    codes = {(pallet, name): int(code) for code, pallet, name, _ in LINE.findall(text[begin:end])}
    wanted = {(pallet, name): doc for pallet, folder in pallets() for name, doc in errors(folder)}
    free = (code for code in range(FIRST, LAST + 1) if code not in codes.values())
    for key in wanted:
        if key not in codes:
            codes[key] = next(free)
    lines = []
    for (pallet, name), code in sorted(codes.items(), key=lambda item: item[1]):
        if (pallet, name) in wanted:
            remedy = wanted[pallet, name].replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'    ({code}, "{pallet}", "{name}", "{remedy}"),\n')
    new = text[:begin] + "".join(lines) + text[end:]
    if "--check" in sys.argv[1:]:
        if new != text:
            sys.exit("primitives/types/src/refusals.rs is not up to date: run scripts/refusal-table.py")
        return
    TABLE.write_text(new)


if __name__ == "__main__":
    main()
