#!/usr/bin/env bash
# Builds the dashboard into dashboard/dist; see docs/dashboard.md.
# Usage: scripts/dashboard.sh [--test|--screenshots]     ends with 3 where what it needs cannot be fetched
#   --test         also its tests: arithmetic, then in Chromium, the last of them against a local network that it starts and stops
#   --screenshots  the same, and the pictures in docs/images are made again
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT/dashboard"

TEST=0
for argument in "$@"; do
	case "$argument" in
	--test) TEST=1 ;;
	--screenshots)
		TEST=1
		export LAUREL_SCREENSHOTS=1
		;;
	*) die "unknown argument $argument" "scripts/dashboard.sh takes --test, --screenshots or nothing" ;;
	esac
done

# without WHAT REMEDY: this machine lacks something; not a failure of the dashboard.
without() {
	printf 'error: %s\n  what to do: %s\n' "$1" "$2" >&2
	exit 3
}

packages() {
	command -v npm >/dev/null || without "npm is not installed" "apt-get install nodejs npm, then run again"
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' ||
		without "Node $(node --version) is too old to build the dashboard" "install Node 20.19 or newer (22.12 or newer of the 22s)"
	# What `npm ci` was last given, written once it has succeeded.
	cmp -s package-lock.json node_modules/.laurel-lock && return
	say "fetching what the dashboard is made of"
	local log
	if ! log="$(timeout 600 npm ci --no-audit --no-fund --fetch-retries=1 --loglevel=error 2>&1)"; then
		printf '%s\n' "$log" | head -n 20 >&2
		case "$log" in
		*EUSAGE*) die "dashboard/package-lock.json does not belong to package.json" "run npm install in dashboard/ and commit the lock" ;;
		*) without "npm could not fetch the dashboard's packages" "check the network, then run scripts/dashboard.sh again" ;;
		esac
	fi
	cp package-lock.json node_modules/.laurel-lock
}

# Chromium's path, installed by apt where it is missing.
find_chromium() {
	local as_root=""
	[ "$(id -u)" = 0 ] || as_root=sudo
	if ! command -v chromium >/dev/null; then
		say "installing chromium"
		{ $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >&2 ||
			without "apt-get could not install chromium" "install it by hand, or name one: LAUREL_CHROMIUM=/path/of/chromium"
	fi
	command -v chromium
}

# The first port of a block of free ones.
free_ports() {
	local base port
	for base in $(seq 27100 100 29900); do
		for port in $(seq "$base" $((base + 29))); do
			! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || continue 2
		done
		printf '%s\n' "$base"
		return
	done
	die "no ports are free from 27100 to 29929" "end what listens there"
}

NETWORK=""
FOLDER=""
stop_network() {
	if [ -n "$NETWORK" ] && kill -INT "$NETWORK" 2>/dev/null; then wait "$NETWORK" || true; fi
	[ -z "$FOLDER" ] || rm -rf "$FOLDER"
}

start_network() {
	local base
	[ -x "$LAUREL_BIN/laurel" ] || die "$LAUREL_BIN/laurel is not built" "scripts/build.sh"
	base="$(free_ports)"
	FOLDER="$(mktemp -d)"
	trap stop_network EXIT
	# Job control gives it a group of its own: background jobs of a script would not get the interrupt that stops it.
	set -m
	"$LAUREL_BIN/laurel" localnet --fresh --base-port "$base" --dir "$FOLDER/network" --text-model "$LAUREL_ROOT/models/tiny" \
		--embedding-model "$LAUREL_MODELS/all-MiniLM-L6-v2" >"$FOLDER/log" 2>&1 &
	NETWORK=$!
	set +m
	export LAUREL_TEST_NODE="ws://127.0.0.1:$base" LAUREL_TEST_GATEWAY="http://127.0.0.1:$((base + 20))"
	export LAUREL_TEST_NETWORK="$FOLDER/network" LAUREL_TEST_NETWORK_PID="$NETWORK" LAUREL_TEST_PROGRAM="$LAUREL_BIN/laurel"
}

packages
say "building the dashboard"
npm run --silent build >&2 || die "the dashboard does not build" "read the first error above"
[ "$TEST" = 1 ] || exit 0

LAUREL_CHROMIUM="${LAUREL_CHROMIUM:-$(find_chromium)}"
export LAUREL_CHROMIUM
say "testing the dashboard"
npx vitest run --project unit >&2
# Speed first, while nothing else runs; then the network is founded while the pages are tested without it.
npx vitest run --bail 3 --project browser speed >&2
start_network
npx vitest run --bail 3 --project browser page >&2
npx vitest run --bail 3 --project browser network >&2 || {
	tail -n 30 "$FOLDER/log" >&2
	die "the dashboard does not agree with the network" "the failing test is named above; the end of the network's log is too"
}
[ -z "${LAUREL_SCREENSHOTS:-}" ] || npx vitest run --project browser screenshots >&2
