#!/usr/bin/env bash
# Builds every binary. The whole workspace in one go: cargo then resolves features once, and nothing is built twice.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"
claim_target
say "building (the first time takes about half an hour on two cores)"
cargo build --release --locked --workspace --bins ||
	die "the build failed" "read the first error above; if it names the Wasm target, run scripts/setup.sh"
say "the dashboard"
dashboard=0
bash scripts/dashboard.sh || dashboard=$?
case "$dashboard" in
0) ;;
3) say "the dashboard: left out, what it needs cannot be fetched from here; everything else is built" ;;
*) die "the dashboard does not build" "read the first error above; scripts/dashboard.sh builds it alone" ;;
esac
