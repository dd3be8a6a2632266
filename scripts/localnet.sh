#!/usr/bin/env bash
# Sets up, builds and runs a whole Laurel network on this machine; see docs/localnet.md.
# Usage: scripts/localnet.sh [--epochs N] [--json FILE] [--fresh] [--skip-build] [--base-port P] [--dir D]
SKIP_BUILD=0
PASSED=()
for argument in "$@"; do
	case "$argument" in
	--skip-build) SKIP_BUILD=1 ;;
	*) PASSED+=("$argument") ;;
	esac
done
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

if [ "$SKIP_BUILD" = 0 ]; then
	bash "$LAUREL_ROOT/scripts/setup.sh"
	bash "$LAUREL_ROOT/scripts/build.sh"
fi
[ -x "$LAUREL_BIN/laurel" ] || die "$LAUREL_BIN/laurel is not built" "run without --skip-build"
exec "$LAUREL_BIN/laurel" localnet \
	--text-model "$LAUREL_ROOT/models/tiny" \
	--embedding-model "$LAUREL_MODELS/all-MiniLM-L6-v2" \
	${PASSED[@]+"${PASSED[@]}"}
