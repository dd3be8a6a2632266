#!/usr/bin/env python3
"""Fails on a link in a Markdown file that leads to no file or no heading of it, on one that leads out of the book, and on a page of the
book that its table of contents, docs/SUMMARY.md, does not name, or names twice.

Usage: check-links.py               checks the Markdown files of the repository
       check-links.py --self-test   checks this script
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


# The folder of the book, and its table of contents.
BOOK = "docs"
CONTENTS = "docs/SUMMARY.md"


def anchors(text: str) -> set[str]:
    """The anchors that a renderer makes of the headings of `text`."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.+)$", FENCE.sub("", text), re.M):
        plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", lambda m: m.group(1) or "", heading)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-"))
    return found


def broken(root: Path, page: Path) -> list[str]:
    """The links of `page` that lead nowhere."""
    out = []
    text = page.read_text(encoding="utf-8")
    for match in LINK.finditer(FENCE.sub("", text)):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            out.append(f"{page.relative_to(root)}: {target}: no such file")
        elif page.is_relative_to(root / BOOK) and not file.is_relative_to(root / BOOK):
            out.append(f"{page.relative_to(root)}: {target}: out of the book, which is read without the repository")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
            out.append(f"{page.relative_to(root)}: {target}: no such heading")
    return out


def uncounted(root: Path, pages: list[Path]) -> list[str]:
    """The pages of the book that are not in its table of contents, or in it twice."""
    contents = root / CONTENTS
    named = [contents.parent / match.group(1) for match in LINK.finditer(contents.read_text(encoding="utf-8"))]
    out = []
    for page in pages:
        if page.is_relative_to(root / BOOK) and page != contents and (times := named.count(page)) != 1:
            out.append(f"{CONTENTS}: {page.relative_to(root)} is named {times} times, not once")
    return out


CASES = [
    ("a book in order", {"README.md": "[a](docs/a.md)", "docs/a.md": "# A b\n[self](#a-b), [picture](p.svg)", "docs/p.svg": ""},
     "[A](a.md)", []),
    ("a page that is not there, and a heading", {"docs/a.md": "[x](b.md) [y](a.md#c)"}, "[A](a.md)",
     ["docs/a.md: b.md: no such file", "docs/a.md: a.md#c: no such heading"]),
    ("a page that nobody finds", {"docs/a.md": "", "docs/sub/b.md": ""}, "[A](a.md)", ["docs/SUMMARY.md: docs/sub/b.md is named 0 times"]),
    ("a page that is named twice", {"docs/a.md": ""}, "[A](a.md) [again](a.md)", ["docs/SUMMARY.md: docs/a.md is named 2 times"]),
    ("a link out of the book", {"docs/a.md": "[code](../x.rs)", "x.rs": ""}, "[A](a.md)", ["docs/a.md: ../x.rs: out of the book"]),
    ("a link in a program's text", {"docs/a.md": "```\n[x](nowhere.md)\n```"}, "[A](a.md)", []),
]


def self_test() -> int:
    failed = 0
    for name, files, contents, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            for file, text in {**files, CONTENTS: contents}.items():
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(text, encoding="utf-8")
            found = problems_of(root, sorted(root.rglob("*.md")))
        if len(found) != len(expected) or any(part not in line for part, line in zip(expected, found)):
            print(f"self-test: {name}: expected {expected}, found {found}", file=sys.stderr)
            failed += 1
    print(f"self-test: {len(CASES) - failed} of {len(CASES)} cases pass")
    return 1 if failed else 0


def problems_of(root: Path, pages: list[Path]) -> list[str]:
    return [problem for page in pages for problem in broken(root, page)] + uncounted(root, pages)


def main(arguments: list[str]) -> int:
    if arguments == ["--self-test"]:
        return self_test()
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=root, capture_output=True, text=True, check=True)
    pages = [root / line for line in listed.stdout.splitlines()]
    problems = problems_of(root, pages)
    print("\n".join(problems) or f"{len(pages)} pages, no broken link")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
