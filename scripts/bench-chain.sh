#!/usr/bin/env bash
# Measures what a block holds: floods a fresh chain on this machine, counts what its blocks take, prints a table and the
# figures, and fails where the chain refused, lost or failed what was sent. docs/performance-chain.md has the figures.
#
#   scripts/bench-chain.sh transfers            keep-alive transfers a second, over a minute of full blocks
#   scripts/bench-chain.sh weights              weights calls of 255 entries that a block of 6 s holds
#   scripts/bench-chain.sh transfers --authorities 2 --seconds 120 --at-least 1200
#   scripts/bench-chain.sh --skip-build ...     with what is built already
#
# Run it with nothing else running: node and sender share the cores.
SKIP_BUILD=0
if [ "${1:-}" = --skip-build ]; then
	SKIP_BUILD=1
	shift
fi
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"
claim_target

case "${1:-}" in
transfers | weights) ;;
*) die "say what to send" "scripts/bench-chain.sh transfers, or weights" ;;
esac

if [ "$SKIP_BUILD" = 0 ]; then
	say "building the node and the program that floods it"
	cargo build --release --locked -p laurel-node --bin laurel-node -p laurel-tests --example bench-chain ||
		die "node or program does not build" "read the first error above"
fi
NODE="${LAUREL_NODE:-$LAUREL_BIN/laurel-node}"
[ -x "$NODE" ] || die "$NODE is not built" "run without --skip-build"

FOLDER="$(mktemp -d)"
trap 'rm -rf "$FOLDER"' EXIT
load="$1"
shift
"$LAUREL_BIN/examples/bench-chain" "$load" --node "$NODE" --base-path "$FOLDER" "$@" || {
	tail -n 5 "$FOLDER"/node*.log >&2 2>/dev/null || true
	die "the chain did not take what was sent as asked" "read the reason above; the node's last lines are there too"
}
