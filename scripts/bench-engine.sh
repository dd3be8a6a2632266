#!/usr/bin/env bash
# Speed of the engine beside llama.cpp's, on the same GGUF files with random weights in the shapes of SmolLM2-135M and
# Qwen2.5-0.5B. The two take turns, ROUNDS times; printed are medians of tokens a second and of the rounds' ratios.
# Usage: scripts/bench-engine.sh [ROUNDS [SHAPES [TYPES [THREADS]]]]   e.g. scripts/bench-engine.sh 5 "135m" "q8_0 q4_0" "1 2"
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

ROUNDS="${1:-5}" SHAPES="${2:-135m 0.5b}" TYPES="${3:-f32 bf16 q8_0 q4_0 q4_k}" THREADS="${4:-1 2}"
VENV="${LAUREL_LLAMA_VENV:-$LAUREL_CACHE/llama}"
MODELS="$LAUREL_MODELS/speed"

if [ ! -x "$VENV/bin/python" ] || ! "$VENV/bin/python" -c 'import llama_cpp, gguf' 2>/dev/null; then
	say "building llama.cpp (once, some minutes)"
	python3 -m venv "$VENV" || die "venv failed" "apt-get install python3-venv"
	"$VENV/bin/pip" install --quiet --disable-pip-version-check "llama-cpp-python==0.3.36" "gguf==0.19.0" ||
		die "pip could not build llama-cpp-python" "check the network and that cmake and a C++ compiler are installed"
fi
if [ -z "${LAUREL_BENCH_MODEL:-}" ]; then
	say "building the engine's bench"
	LAUREL_BENCH_MODEL="$(cd "$LAUREL_ROOT" && cargo bench -p laurel-engine --bench model --no-run --message-format json |
		sed -n 's/.*"executable":"\([^"]*\/model-[^"]*\)".*/\1/p' | tail -1)"
fi
[ -x "$LAUREL_BENCH_MODEL" ] || die "the bench was not built" "cargo bench -p laurel-engine --bench model --no-run"
mkdir -p "$MODELS"

for shape in $SHAPES; do
	for type in $TYPES; do
		model="$MODELS/$shape-$type.gguf"
		if [ ! -f "$model.complete" ]; then
			say "writing $model"
			"$VENV/bin/python" "$LAUREL_ROOT/scripts/bench-engine-models.py" "$MODELS" "$shape" "$type"
			touch "$model.complete"
		fi
		for threads in $THREADS; do
			for _ in $(seq "$ROUNDS"); do
				"$LAUREL_BENCH_MODEL" "$model" "$threads"
				"$VENV/bin/python" "$LAUREL_ROOT/scripts/bench-engine-llama.py" "$model" "$threads"
			done | "$VENV/bin/python" -c '
import statistics, sys

name, lines = sys.argv[1], [[float(x) for x in line.split()] for line in sys.stdin]
row = [name]
for column, tokens in ((0, 512), (1, 1), (2, 8)):
    ours, theirs = ([line[column] for line in lines[side::2]] for side in (0, 1))
    ratio = statistics.median(b / a for a, b in zip(ours, theirs))
    row.append(f"{tokens / statistics.median(ours):.0f} / {tokens / statistics.median(theirs):.0f} = {ratio:.2f}")
print("| " + " | ".join(row) + " |")
' "$shape $type, $threads"
		done
	done
done
