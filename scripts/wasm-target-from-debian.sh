#!/usr/bin/env bash
# Gives a machine that cannot reach rustup's server the wasm32v1-none target: Debian packages a compiler with the
# source of its library; we build core and alloc for the target once and link that compiler as a rustup toolchain.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

TOOLCHAIN=laurel-wasm
SYSROOT=/usr
TARGET=wasm32v1-none
RUSTLIB="$SYSROOT/lib/rustlib"

if ! compgen -G "$RUSTLIB/$TARGET/lib/libcore-*.rlib" >/dev/null; then
	[ "$(id -u)" = 0 ] || die "the fallback writes below $SYSROOT" "run scripts/wasm-target-from-debian.sh once as root"
	apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src >/dev/null ||
		die "Debian's rustc-web packages could not be installed" "make rustup's server reachable and run rustup target add $TARGET"
	host="$(rustc -vV | sed -n 's/^host: //p')"
	# That toolchain lacks the linker; ours is compatible.
	[ -e "$RUSTLIB/$host/bin" ] || ln -s "$(rustc --print sysroot)/lib/rustlib/$host/bin" "$RUSTLIB/$host/bin"
	work="$(mktemp -d)"
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/src"
	cat >"$work/Cargo.toml" <<-'TOML'
		[package]
		name = "library"
		version = "0.0.0"
		edition = "2021"
		[lib]
		crate-type = ["cdylib"]
		[profile.release]
		panic = "abort"
	TOML
	cat >"$work/src/lib.rs" <<-'RUST'
		#![no_std]
		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo) -> ! {
		    loop {}
		}
	RUST
	# Without bitcode the runtime's link-time optimisation fails.
	(cd "$work" && RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$work/target" \
		RUSTFLAGS="-Cembed-bitcode=yes -Clinker=$RUSTLIB/$host/bin/rust-lld" \
		/usr/bin/cargo build --release -Zbuild-std=core,alloc --target "$TARGET") ||
		die "the library could not be built for $TARGET" "read the error above; rustup target add $TARGET is the other way"
	mkdir -p "$RUSTLIB/$TARGET/lib"
	cp "$work/target/$TARGET/release/deps/"lib{core,alloc,compiler_builtins}-*.rlib "$RUSTLIB/$TARGET/lib/"
fi
rustup toolchain list | grep -q "^$TOOLCHAIN" || rustup toolchain link "$TOOLCHAIN" "$SYSROOT"
