#!/usr/bin/env bash
# Measures dispatch weights and writes runtime/src/weights/. Run it on the reference machine, with nothing else running: what
# is measured is time.
#
#   scripts/bench.sh                  Laurel's pallets, 50 steps, 20 repeats
#   scripts/bench.sh pallet_NAME ...  only these; FRAME's too, as far as a configuration uses what is written
#   scripts/bench.sh frame            FRAME's pallets whose weights are used from here
#   scripts/bench.sh overhead         what a block and a transaction cost before any call
#   scripts/bench.sh database         what reading and writing a value costs, with a million accounts (5 GB of disk)
#   STEPS=10 REPEAT=5 scripts/bench.sh   a quarter of an hour, after the build
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"
claim_target

BENCHER_VERSION=0.28.0
STEPS="${STEPS:-50}"
REPEAT="${REPEAT:-20}"
WEIGHTS=runtime/src/weights
# A target folder of its own: with other features, every crate of the Wasm build is another one.
BENCH_TARGET="${BENCH_TARGET:-$LAUREL_CACHE/bench-target}"
WASM="$BENCH_TARGET/release/wbuild/laurel-runtime/laurel_runtime.compact.compressed.wasm"

# FRAME's pallets that are measured here: all that have calls. GRANDPA keeps its authors' weights.
FRAME=(
	frame_system pallet_balances pallet_collective pallet_membership pallet_multisig pallet_preimage pallet_proxy
	pallet_safe_mode pallet_scheduler pallet_sudo pallet_timestamp pallet_utility
)

processor() { sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1; }

# measure_database: builds and runs node/examples/database.rs.
measure_database() {
	local folder
	folder="$(mktemp -d)"
	trap 'rm -rf "$folder"' RETURN
	say "building the node's measurement of its database"
	SKIP_WASM_BUILD=1 cargo build --release --locked -p laurel-node --example database ||
		die "the measurement does not build" "read the first error above"
	say "measuring the database"
	"$LAUREL_BIN/examples/database" --base-path "$folder" --output "$WEIGHTS/database.rs" \
		--processor "$(processor)" --date "$(date -u +%F)" ||
		die "the database was not measured" "read the error above; it needs 5 GB of disk and 6 GB of memory"
}

if [ "${1:-}" = database ]; then
	measure_database
	say "wrote $WEIGHTS/database.rs; look at the difference, then rebuild"
	exit
fi

if ! command -v frame-omni-bencher >/dev/null; then
	say "installing frame-omni-bencher $BENCHER_VERSION (once, about a quarter of an hour)"
	CARGO_TARGET_DIR="$LAUREL_CACHE/tools-target" \
		cargo install --locked --version "$BENCHER_VERSION" --root "$LAUREL_TOOLS" frame-omni-bencher ||
		die "frame-omni-bencher does not install" "read the first error above; scripts/setup.sh installs the system packages"
fi

say "building the runtime with its benchmarks"
CARGO_TARGET_DIR="$BENCH_TARGET" cargo build --release --locked -p laurel-runtime --features runtime-benchmarks ||
	die "the runtime does not build with runtime-benchmarks" "read the first error above"

bencher() { frame-omni-bencher v1 benchmark pallet --runtime "$WASM" --genesis-builder-preset development "$@"; }

# measure_overhead: a block without transactions, and what each of a block full of empty ones adds.
measure_overhead() {
	local log="$LAUREL_CACHE/bench-overhead.log" folder
	local block extrinsic
	folder="$(mktemp -d)"
	say "measuring the overhead of a block and of a transaction"
	frame-omni-bencher v1 benchmark overhead --runtime "$WASM" --genesis-builder runtime \
		--genesis-builder-preset development --weight-path "$folder" --warmup 10 --repeat 100 >"$log" 2>&1 ||
		die "the overhead was not measured" "read $log"
	rm -rf "$folder"
	block="$(sed -n '/Per-block execution/,/Average/s/^Average: \([0-9]*\),.*/\1/p' "$log")"
	extrinsic="$(sed -n '/Per-extrinsic execution/,/Average/s/^Average: \([0-9]*\),.*/\1/p' "$log")"
	[ -n "$block" ] && [ -n "$extrinsic" ] || die "the overhead's log has no averages" "read $log"
	cat >"$WEIGHTS/overhead.rs" <<-RUST
		//! What a block and a transaction cost before any call, measured by \`scripts/bench.sh overhead\`: do not edit.
		//!
		//! $(date -u +%F), $(processor), averages of 100 executions.
		use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight};

		/// A block without transactions: its inherents, and the hooks of all pallets with nothing to do.
		pub const BLOCK: Weight = Weight::from_parts($block * WEIGHT_REF_TIME_PER_NANOS, 0);

		/// A signed transaction that does nothing: decoding, signature, all extensions with the fee, events.
		pub const TRANSACTION: Weight = Weight::from_parts($extrinsic * WEIGHT_REF_TIME_PER_NANOS, 0);
	RUST
}

if [ "${1:-}" = overhead ]; then
	measure_overhead
	say "wrote $WEIGHTS/overhead.rs; look at the difference, then rebuild"
	exit
fi

pallets=("$@")
[ "${1:-}" != frame ] || pallets=("${FRAME[@]}")
if [ ${#pallets[@]} -eq 0 ]; then
	mapfile -t pallets < <(bencher --list=pallets --no-csv-header 2>/dev/null | grep '^pallet_laurel_' | sort -u)
	[ ${#pallets[@]} -gt 0 ] || die "the runtime lists no benchmarks" "run frame-omni-bencher by hand: --runtime $WASM --list"
fi

mkdir -p "$WEIGHTS"
failed=()
for pallet in "${pallets[@]}"; do
	say "measuring $pallet"
	# Written beside and moved when whole, so that an interrupted run leaves the old weights. Nobody records proofs on this
	# chain, and recording them makes each read dearer by a quarter.
	if bencher --pallet "$pallet" --extrinsic '*' --steps "$STEPS" --repeat "$REPEAT" --disable-proof-recording \
		--template scripts/bench-weights.hbs --output "$WEIGHTS/$pallet.new" >"$LAUREL_CACHE/bench-$pallet.log" 2>&1; then
		mv "$WEIGHTS/$pallet.new" "$WEIGHTS/$pallet.rs"
	else
		failed+=("$pallet")
		tail -n 5 "$LAUREL_CACHE/bench-$pallet.log" >&2
	fi
done
[ ${#failed[@]} -eq 0 ] ||
	die "no weights for: ${failed[*]}" "read $LAUREL_CACHE/bench-PALLET.log; the old weights of these pallets stay"
say "wrote $WEIGHTS; look at the difference, then rebuild"
