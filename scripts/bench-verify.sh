#!/usr/bin/env bash
# How many honest answers the validator calls wrong and how many wrong ones honest, what a check costs and how many bytes a proof takes: the tables
# of docs/verification.md. About a quarter of an hour on two cores; with --short, which shows only that it runs, a minute. With --calibrate it shows whether the
# bounds of the statistic suit MODEL, a folder of a Llama in safetensors.
# Usage: scripts/bench-verify.sh [--short | --seconds=TIME_OF_A_CASE] [MODEL [EMBEDDING_MODEL]]   (default: models/tiny and MiniLM)
#        scripts/bench-verify.sh --calibrate MODEL
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
claim_target

HOW=()
case "${1:-}" in
--short | --calibrate | --seconds=*)
	HOW=("$1")
	shift
	;;
esac
MODEL="${1:-$LAUREL_ROOT/models/tiny}" EMBEDDING="${2:-$LAUREL_MODELS/all-MiniLM-L6-v2}"
[ "${HOW[*]}" = --calibrate ] || [ -n "${2:-}" ] || bash "$LAUREL_ROOT/scripts/fetch-minilm.sh"

if [ -z "${LAUREL_BENCH_VERIFY:-}" ]; then
	say "building the bench"
	LAUREL_BENCH_VERIFY="$(cd "$LAUREL_ROOT" && cargo bench -p laurel-validator --bench verify --no-run --message-format json |
		sed -n 's/.*"executable":"\([^"]*\/verify-[^"]*\)".*/\1/p' | tail -1)"
fi
[ -x "$LAUREL_BENCH_VERIFY" ] || die "the bench was not built" "cargo bench -p laurel-validator --bench verify --no-run"

# The models of another MODEL or another build are other models.
FOLDER="$LAUREL_CACHE/verify/$(cat "$MODEL/config.json" "$MODEL/model.safetensors" "$LAUREL_BENCH_VERIFY" | sha256sum | cut -c1-16)"
if [ "${HOW[*]}" = --calibrate ]; then
	exec "$LAUREL_BENCH_VERIFY" "$FOLDER" "$MODEL" --calibrate
fi
# What scripts/bench-engine.sh left, in the shapes of SmolLM2-135M: for the cost.
SPEED=()
for type in bf16 q8_0 q4_0; do
	file="$LAUREL_MODELS/speed/135m-$type.gguf"
	if [ -f "$file.complete" ]; then SPEED+=("$file"); fi
done
[ "${#SPEED[@]}" -gt 0 ] || say "the cost for 135M is left out: scripts/bench-engine.sh 1 135m makes its models"
"$LAUREL_BENCH_VERIFY" "$FOLDER" "$MODEL" "$EMBEDDING" "${SPEED[@]}" "${HOW[@]}"
