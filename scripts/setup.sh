#!/usr/bin/env bash
# Makes a Debian machine with rustup and Python ready to build and run Laurel. Safe to run again: what is there stays.
# Usage: scripts/setup.sh [--ci]   (--ci: also the tools that only the checks need)
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

WANT_CI=0
for argument in "$@"; do
	case "$argument" in
	--ci) WANT_CI=1 ;;
	*) die "unknown argument $argument" "scripts/setup.sh takes --ci or nothing" ;;
	esac
done

# as_root COMMAND…: runs it as root, by sudo where we are not.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		return 127
	fi
}

# system_packages NAME…: installs those Debian packages that are missing.
system_packages() {
	command -v apt-get >/dev/null ||
		die "this is not Debian: no apt-get" "use a Debian machine, or a container of one"
	local wanted=("$@") missing=() package
	for package in "${wanted[@]}"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
	done
	[ ${#missing[@]} = 0 ] && return
	say "installing system packages: ${missing[*]}"
	as_root apt-get update -qq ||
		die "apt-get update failed" "check the network and that you may use sudo, then run again"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
		die "apt-get could not install ${missing[*]}" "install them by hand, then run again"
}

rust_toolchain() {
	command -v cargo >/dev/null || die "cargo is not installed" "install Rust with rustup, then run again"
	command -v python3 >/dev/null || die "python3 is not installed" "apt-get install python3 python3-pip, then run again"
}

# Whether a sysroot holds the Wasm target's library.
has_wasm_target() { compgen -G "$1/lib/rustlib/wasm32v1-none/lib/libcore-*.rlib" >/dev/null; }

# The runtime compiles to wasm32v1-none. Where rustup cannot fetch it, Debian's compiler carries the library's source.
wasm_target() {
	has_wasm_target "$(rustc --print sysroot)" && return
	say "adding the Wasm target"
	if command -v rustup >/dev/null && rustup target add wasm32v1-none; then
		return
	fi
	say "rustup could not fetch it; building it from Debian's rustc"
	bash "$LAUREL_ROOT/scripts/wasm-target-from-debian.sh"
}

models() {
	bash "$LAUREL_ROOT/scripts/fetch-minilm.sh" "$LAUREL_MODELS/all-MiniLM-L6-v2"
	[ -f "$LAUREL_ROOT/models/tiny/model.safetensors" ] ||
		die "models/tiny is missing from the clone" "git checkout -- models/tiny, or train it again with scripts/train-tiny.sh"
}

# cargo_tool NAME VERSION [OPTION…]: a program of the checks, built once into the cache.
cargo_tool() {
	command -v "$1" >/dev/null && return
	say "installing $1 $2 (once)"
	cargo install --quiet --locked --root "$LAUREL_TOOLS" --target-dir "$LAUREL_CACHE/tools-target" --version "$2" "${@:3}" "$1" ||
		die "cargo install $1 failed" "run it by hand and read its error: cargo install --locked --version $2 $1"
	rm -rf "$LAUREL_CACHE/tools-target"
}

# Checks the alert rules. Out of Debian's package, without the service that installing it would start.
fetch_promtool() {
	command -v promtool >/dev/null && return
	say "fetching promtool (once)"
	local folder
	folder="$(mktemp -d)"
	# The alert rules then stay unchecked, and scripts/check-deploy.sh says so.
	(cd "$folder" && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb . &&
		install -D -m 0755 usr/bin/promtool "$LAUREL_TOOLS/bin/promtool") || say "promtool: left out, it cannot be fetched from here"
	rm -rf "$folder"
}

ci_tools() {
	local component
	for component in rustfmt clippy; do
		cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component" ||
			die "$component is missing" "rustup component add $component"
	done
	cargo_tool cargo-nextest 0.9.143
	cargo_tool cargo-deny 0.20.2
	fetch_promtool
	cargo_tool mdbook 0.5.4 --no-default-features --features search
	# Runs polkadot.js against the node. Other packages of Node than Debian's bring npm with them.
	command -v npm >/dev/null || system_packages nodejs npm
	# A second implementation of the models, to compare ours with.
	system_packages python3-torch python3-venv
	bash "$LAUREL_ROOT/scripts/reference-venv.sh"
	# Users' clients; where they cannot be fetched, the test that runs them says that it is left out.
	bash "$LAUREL_ROOT/scripts/openai-clients.sh" --install || say "the openai clients: left out, they cannot be fetched from here"
}

rust_toolchain
system_packages build-essential clang libclang-dev protobuf-compiler python3-pip
wasm_target
models
[ "$WANT_CI" = 0 ] || ci_tools
