# Sourced by every script: where things live, and how a step says that it failed.
set -euo pipefail

LAUREL_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
LAUREL_CACHE="${LAUREL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/laurel}"
LAUREL_TOOLS="$LAUREL_CACHE/tools"
# The target folder stays outside the clone, so that the next clone builds incrementally.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$LAUREL_CACHE/target}"
export PATH="$LAUREL_TOOLS/bin:$HOME/.cargo/bin:$PATH"
LAUREL_BIN="$CARGO_TARGET_DIR/release"
LAUREL_MODELS="$LAUREL_CACHE/models"

# say MESSAGE: a step that begins, on standard error.
say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# die WHAT REMEDY: the step failed; what happened, and what to do about it.
die() {
	printf 'error: %s\n  what to do: %s\n' "$1" "$2" >&2
	exit 1
}

# Set where the Wasm target came from Debian's compiler instead of rustup's (scripts/wasm-target-from-debian.sh).
if [ -z "${WASM_BUILD_TOOLCHAIN:-}" ] && command -v rustup >/dev/null &&
	! compgen -G "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/wasm32v1-none/lib/libcore-*.rlib" >/dev/null &&
	rustup toolchain list 2>/dev/null | grep -q '^laurel-wasm'; then
	export WASM_BUILD_TOOLCHAIN=laurel-wasm
fi

# For scripts that build. Cargo tells by their age which files changed since a build, and would take what another clone built for this one's.
# So a clone that comes to the folder after another one is made to look new.
claim_target() {
	[ "$(cat "$CARGO_TARGET_DIR/built-from" 2>/dev/null)" != "$LAUREL_ROOT" ] || return 0
	mkdir -p "$CARGO_TARGET_DIR"
	find "$LAUREL_ROOT" -name .git -prune -o -name node_modules -prune -o -type f -exec touch -c {} +
	printf '%s\n' "$LAUREL_ROOT" >"$CARGO_TARGET_DIR/built-from"
}
