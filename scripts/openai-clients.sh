#!/usr/bin/env bash
# Checks that the openai clients for Python and JavaScript work with running gateways as they are.
# Usage: scripts/openai-clients.sh --install                           fetches the clients into the cache, once
#        scripts/openai-clients.sh TEXT_URL EMBEDDING_URL FOLDER       what was asked and answered is left in FOLDER
# Ends with 3 where the clients cannot be fetched.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

CHECK="$LAUREL_ROOT/tests/openai"
# Installed beside, not in, the clone; the check itself goes there because it imports from the folder that it lies in.
INSTALLED="$LAUREL_CACHE/openai"

unreachable() {
	printf 'error: %s\n  what to do: check the network, then run scripts/openai-clients.sh again\n' "$1" >&2
	exit 3
}

command -v npm >/dev/null || die "npm is not installed" "apt-get install nodejs npm, then run again"
mkdir -p "$INSTALLED"
# What was last installed, written once that has succeeded.
if ! cmp -s "$CHECK/requirements.txt" "$INSTALLED/venv/laurel-requirements.txt"; then
	say "fetching the openai client for Python"
	rm -rf "$INSTALLED/venv"
	python3 -m venv "$INSTALLED/venv" || die "venv failed" "apt-get install python3-venv"
	timeout 600 "$INSTALLED/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 \
		--requirement "$CHECK/requirements.txt" >&2 || unreachable "pip could not fetch openai"
	cp "$CHECK/requirements.txt" "$INSTALLED/venv/laurel-requirements.txt"
fi
cp "$CHECK/package.json" "$CHECK/check.mjs" "$CHECK/check.py" "$INSTALLED/"
if ! cmp -s "$CHECK/package-lock.json" "$INSTALLED/node_modules/.laurel-lock"; then
	say "fetching the openai client for JavaScript"
	cp "$CHECK/package-lock.json" "$INSTALLED/"
	(cd "$INSTALLED" && timeout 600 npm ci --engine-strict=false --no-audit --no-fund --fetch-retries=1 --loglevel=error >&2) ||
		unreachable "npm could not fetch openai"
	cp "$CHECK/package-lock.json" "$INSTALLED/node_modules/.laurel-lock"
fi
# The client wants a newer Node than Debian has; it comes beside the client, where there is one for this machine.
NODE="$INSTALLED/node_modules/.bin/node"
[ -x "$NODE" ] || NODE=node
"$NODE" --eval 'process.exit(Number.parseInt(process.versions.node) < 22 ? 1 : 0)' ||
	unreachable "the openai client for JavaScript needs Node 22, and npm has none for this machine"
[ "${1:-}" = --install ] && exit 0
[ $# = 3 ] || die "three arguments are needed" "scripts/openai-clients.sh TEXT_URL EMBEDDING_URL FOLDER"
"$INSTALLED/venv/bin/python" "$INSTALLED/check.py" "$1" "$2" "$3"
"$NODE" "$INSTALLED/check.mjs" "$1" "$2"
