#!/usr/bin/env bash
# Speed of the engine beside llama.cpp's, on the same GGUF files with random weights in the shapes of SmolLM2-135M and
# Qwen2.5-0.5B, and beside ONNX Runtime's, on all-MiniLM-L6-v2. The two take turns, ROUNDS times; printed are medians of
# tokens (texts) a second and of the rounds' ratios, and the engine's peak memory by the weights' file and the cache.
# Usage: scripts/bench-engine.sh [ROUNDS [SHAPES [TYPES [THREADS]]]]   e.g. scripts/bench-engine.sh 5 "135m" "q8_0 q4_0" "1 2"
#        scripts/bench-engine.sh embeddings [ROUNDS [THREADS]]
#        scripts/bench-engine.sh all      the whole of docs/performance.md's table, in about a quarter of an hour
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
claim_target

MODELS="$LAUREL_MODELS/speed"

# venv FOLDER MODULES PACKAGES...: a virtual environment that has the modules.
venv() {
	local folder="$1" modules="$2"
	shift 2
	if [ ! -x "$folder/bin/python" ] || ! "$folder/bin/python" -c "import $modules" 2>/dev/null; then
		say "installing $* (once)"
		python3 -m venv "$folder" || die "venv failed" "apt-get install python3-venv"
		"$folder/bin/pip" install --quiet --disable-pip-version-check "$@" ||
			die "pip could not install $*" "check the network and that cmake and a C++ compiler are installed"
	fi
}

# bench NAME: the path of a bench of the engine, built.
bench() {
	say "building the engine's bench $1"
	local built
	built="$(cd "$LAUREL_ROOT" && cargo bench -p laurel-engine --bench "$1" --no-run --message-format json |
		sed -n "s/.*\"executable\":\"\([^\"]*\/$1-[^\"]*\)\".*/\1/p" | tail -1)"
	[ -x "$built" ] || die "the bench was not built" "cargo bench -p laurel-engine --bench $1 --no-run"
	echo "$built"
}

# row PYTHON NAME AMOUNTS: from lines of seconds, ours and theirs in turns, a row of the table; an amount for each column.
row() {
	"$1" -c '
import statistics, sys

name, amounts = sys.argv[1], [int(x) for x in sys.argv[2].split()]
lines = [line.split() for line in sys.stdin]
row = [name]
for column, amount in enumerate(amounts):
    ours, theirs = ([float(line[column]) for line in lines[side::2]] for side in (0, 1))
    ratio = statistics.median(b / a for a, b in zip(ours, theirs))
    row.append(f"{amount / statistics.median(ours):.0f} / {amount / statistics.median(theirs):.0f} = {ratio:.2f}")
row += lines[0][len(amounts) :]
print("| " + " | ".join(row) + " |")
' "$2" "$3"
}

# decoders ROUNDS SHAPES TYPES THREADS
decoders() {
	local python="$LLAMA/bin/python" shape type threads model
	mkdir -p "$MODELS"
	for shape in $2; do
		for type in $3; do
			model="$MODELS/$shape-$type.gguf"
			if [ ! -f "$model.complete" ]; then
				say "writing $model"
				"$python" "$LAUREL_ROOT/scripts/bench-engine-models.py" "$MODELS" "$shape" "$type"
				touch "$model.complete"
			fi
			for threads in $4; do
				for _ in $(seq "$1"); do
					"$LAUREL_BENCH_MODEL" "$model" "$threads"
					"$python" "$LAUREL_ROOT/scripts/bench-engine-llama.py" "$model" "$threads"
				done | row "$python" "$shape $type, $threads" "512 1 8"
			done
		done
	done
}

# embeddings ROUNDS THREADS
embeddings() {
	local python="$ONNX/bin/python" model="$LAUREL_MODELS/all-MiniLM-L6-v2" vectors="$LAUREL_CACHE/bench-vectors.f32" threads
	"$LAUREL_ROOT/scripts/fetch-minilm.sh"
	for threads in $2; do
		for _ in $(seq "$1"); do
			"$LAUREL_BENCH_EMBEDDINGS" "$model" "$threads" "$vectors"
			"$python" "$LAUREL_ROOT/scripts/bench-engine-onnx.py" "$model" "$threads" "$vectors"
		done | row "$python" "MiniLM, $threads" "32"
	done
}

LLAMA="${LAUREL_LLAMA_VENV:-$LAUREL_CACHE/llama}" ONNX="${LAUREL_ONNX_VENV:-$LAUREL_CACHE/onnx}"
if [ "${1:-}" != embeddings ]; then
	venv "$LLAMA" "llama_cpp, gguf" "llama-cpp-python==0.3.36" "gguf==0.19.0"
	: "${LAUREL_BENCH_MODEL:=$(bench model)}"
fi
if [ "${1:-}" = embeddings ] || [ "${1:-}" = all ]; then
	venv "$ONNX" "onnx, onnxruntime, safetensors" "onnx==1.19.0" "onnxruntime==1.32.0" "safetensors==0.8.0"
	: "${LAUREL_BENCH_EMBEDDINGS:=$(bench embeddings)}"
fi
case "${1:-}" in
	embeddings)
		embeddings "${2:-5}" "${3:-1 2}"
		;;
	all)
		# The larger model's figures are medians of one round's steps.
		decoders 3 135m "q8_0 q4_0 q4_k bf16 f32" "1 2"
		decoders 1 0.5b "q8_0 q4_0 q4_k bf16 f32" "1 2"
		embeddings 5 "1 2"
		;;
	*)
		decoders "${1:-5}" "${2:-135m 0.5b}" "${3:-f32 bf16 q8_0 q4_0 q4_k}" "${4:-1 2}"
		;;
esac
