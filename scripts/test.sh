#!/usr/bin/env bash
# Every check and test, cheap ones first. Ends with a line that counts them.
# Usage: scripts/test.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"

bash scripts/setup.sh --ci
claim_target

# check NAME REMEDY COMMAND…
check() {
	local name="$1" remedy="$2"
	shift 2
	say "$name"
	"$@" || die "$name failed" "$remedy"
}

check "format" "cargo fmt --all" cargo fmt --all --check
check "layers" "see the tree in docs/architecture.md" python3 scripts/check-layers.py --self-test
check "layers of this tree" "see the tree in docs/architecture.md" python3 scripts/check-layers.py
check "links in documents, by itself" "see the cases in scripts/check-links.py" python3 scripts/check-links.py --self-test
check "links in documents" "mend the links named above" python3 scripts/check-links.py
check "book" "mend the pages named above" bash scripts/book.sh
check "deploy" "mend the file named above" bash scripts/check-deploy.sh
check "licences, bans and sources" "see deny.toml" cargo deny --locked check licenses bans sources
# The advisory database comes from the network; where it cannot be fetched the check is left out and says so.
if timeout 60 cargo deny --locked fetch db >/dev/null 2>&1; then
	check "advisories" "update the crate named above" cargo deny --locked check --disable-fetch advisories
else
	say "advisories: left out, their database cannot be fetched from here"
fi
check "clippy" "mend what it names" cargo clippy --release --locked --workspace --all-targets -- -D warnings
check "documentation" "mend the links and examples it names" \
	env RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --document-private-items --quiet
check "build" "mend the error above" cargo build --release --locked --workspace --bins
say "polkadot.js"
polkadot_js=0
bash scripts/polkadot-js.sh || polkadot_js=$?
case "$polkadot_js" in
0) ;;
3) say "polkadot.js: left out, npm cannot fetch it from here" ;;
*) die "polkadot.js failed" "the check that failed is named above; scripts/polkadot-js.sh runs it alone" ;;
esac
say "dashboard"
dashboard=0
bash scripts/dashboard.sh --test || dashboard=$?
case "$dashboard" in
0) ;;
3) say "dashboard: left out, what it needs cannot be fetched from here" ;;
*) die "the dashboard failed" "the check that failed is named above; scripts/dashboard.sh --test runs it alone" ;;
esac
check "examples in the documentation" "mend the example named above" cargo test --release --locked --workspace --doc --quiet
check "tests" "the failing test is named above" \
	cargo nextest run --cargo-profile release --locked --workspace --no-fail-fast
