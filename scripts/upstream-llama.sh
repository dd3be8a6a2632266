#!/usr/bin/env bash
# Tries `--engine openai` against a real llama.cpp server: installs llama-cpp-python (once; compiles for some minutes), writes models/tiny as a
# GGUF file, starts the server on a free port, and runs the miner's tests of that name against it. Further arguments go to nextest.
# LAUREL_LLAMA_VENV names a virtual environment that has llama-cpp-python[server] and gguf already.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"
claim_target

VENV="${LAUREL_LLAMA_VENV:-$LAUREL_CACHE/llama}"
GGUF="$LAUREL_MODELS/tiny.gguf"
LOG="$LAUREL_CACHE/log/upstream-llama.log"
mkdir -p "$LAUREL_MODELS" "$(dirname "$LOG")"

if [ -z "${LAUREL_LLAMA_VENV:-}" ] && [ ! -f "$VENV/complete" ]; then
	say "installing llama-cpp-python (once; needs a C++ compiler and cmake)"
	rm -rf "$VENV"
	python3 -m venv "$VENV" || die "venv failed" "apt-get install python3-venv"
	"$VENV/bin/pip" install --quiet --disable-pip-version-check "llama-cpp-python[server]==0.3.36" "gguf==0.19.0" ||
		die "pip could not install llama-cpp-python" "apt-get install g++ cmake, check the network, then run again"
	touch "$VENV/complete"
fi
"$VENV/bin/python" scripts/tiny-gguf.py models/tiny "$GGUF"

PORT="$("$VENV/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
say "starting llama.cpp's server on port $PORT, its log is $LOG"
"$VENV/bin/python" -m llama_cpp.server --model "$GGUF" --model_alias tiny --host 127.0.0.1 --port "$PORT" --n_ctx 256 \
	--logits_all true --interrupt_requests false --verbose false >"$LOG" 2>&1 &
SERVER=$!
trap 'kill "$SERVER" 2>/dev/null || true' EXIT
for _ in $(seq 120); do
	curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$PORT/v1/models" && break
	kill -0 "$SERVER" 2>/dev/null || die "the server ended: $(tail -n 1 "$LOG")" "read $LOG"
	sleep 1
done
LAUREL_UPSTREAM_LLAMA="http://127.0.0.1:$PORT" cargo nextest run --cargo-profile release -p laurel-miner --success-output immediate "$@" \
	-E 'test(/^upstream_llama::/)'
