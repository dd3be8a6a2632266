#!/usr/bin/env bash
# Builds the book of docs/ into the target folder, and fails on whatever mdbook warns of.
# Usage: scripts/book.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
command -v mdbook >/dev/null || die "mdbook is not installed" "run scripts/setup.sh --ci"
said="$(mdbook build --dest-dir "$CARGO_TARGET_DIR/book" "$LAUREL_ROOT/docs" 2>&1)" ||
	die "mdbook failed: $said" "mend what it names"
if grep -E 'WARN|ERROR' <<<"$said" >&2; then
	die "mdbook is not content with the pages" "mend what is named above"
fi
say "the book is in $CARGO_TARGET_DIR/book/index.html"
