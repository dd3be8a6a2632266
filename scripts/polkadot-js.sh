#!/usr/bin/env bash
# Checks that polkadot.js works with the built node as it is: starts a development chain of its own, reads, signs, sends, stops it. And that it opens
# the key files of the built command, and that command its.
# Usage: scripts/polkadot-js.sh      ends with 3 where what it needs from npm cannot be fetched
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

CHECK="$LAUREL_ROOT/tests/polkadot-js"
# Installed beside, not in, the clone; the check itself goes there because it imports from the folder that it lies in.
INSTALLED="$LAUREL_CACHE/polkadot-js"

for program in laurel-node laurel; do
	[ -x "$LAUREL_BIN/$program" ] || die "$LAUREL_BIN/$program is not built" "scripts/build.sh"
done
command -v npm >/dev/null || die "npm is not installed" "apt-get install nodejs npm (Node 18 or newer), then run again"

mkdir -p "$INSTALLED"
cp "$CHECK/package.json" "$CHECK/check.mjs" "$INSTALLED/"
# What `npm ci` was last given, written once it has succeeded.
if ! cmp -s "$CHECK/package-lock.json" "$INSTALLED/node_modules/.laurel-lock"; then
	say "fetching polkadot.js"
	cp "$CHECK/package-lock.json" "$INSTALLED/"
	if ! (cd "$INSTALLED" && timeout 600 npm ci --no-audit --no-fund --fetch-retries=1 --loglevel=error >&2); then
		printf 'error: npm could not fetch polkadot.js\n  what to do: check the network, then run scripts/polkadot-js.sh again\n' >&2
		exit 3
	fi
	cp "$CHECK/package-lock.json" "$INSTALLED/node_modules/.laurel-lock"
fi
exec node "$INSTALLED/check.mjs" "$LAUREL_BIN/laurel-node"
