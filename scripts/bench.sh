#!/usr/bin/env bash
# Measures the dispatch weights of Laurel's pallets and writes runtime/src/weights/. Run it on the reference machine, with
# nothing else running: what is measured is time. FRAME's own pallets keep the weights of their authors.
#
#   scripts/bench.sh                  all of them, 50 steps, 20 repeats
#   scripts/bench.sh pallet_NAME ...  only these
#   STEPS=10 REPEAT=5 scripts/bench.sh   a quarter of an hour, after the build
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"

BENCHER_VERSION=0.28.0
STEPS="${STEPS:-50}"
REPEAT="${REPEAT:-20}"
WEIGHTS=runtime/src/weights
# A target folder of its own: with other features, every crate of the Wasm build is another one.
BENCH_TARGET="${BENCH_TARGET:-$LAUREL_CACHE/bench-target}"
WASM="$BENCH_TARGET/release/wbuild/laurel-runtime/laurel_runtime.compact.compressed.wasm"

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

pallets=("$@")
if [ ${#pallets[@]} -eq 0 ]; then
	mapfile -t pallets < <(bencher --list=pallets --no-csv-header 2>/dev/null | grep '^pallet_laurel_' | sort -u)
	[ ${#pallets[@]} -gt 0 ] || die "the runtime lists no benchmarks" "run frame-omni-bencher by hand: --runtime $WASM --list"
fi

mkdir -p "$WEIGHTS"
failed=()
for pallet in "${pallets[@]}"; do
	say "measuring $pallet"
	# Written beside and moved when whole, so that an interrupted run leaves the old weights.
	if bencher --pallet "$pallet" --extrinsic '*' --steps "$STEPS" --repeat "$REPEAT" \
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
