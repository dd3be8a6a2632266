#!/usr/bin/env bash
# Builds the runtime of this tree and gives it to a running chain, whose spec_version must be lower.
#
#   scripts/upgrade-runtime.sh --wallet FOLDER [--chain ws://…] [--by sudo|governance] [--skip-build]
#
# --by sudo (default): the wallet's coldkey is the chain's sudo key, as Alice is on `dev` and `local`: the upgrade is made at once.
# --by governance: the wallet's coldkey is a member of the council. Notes the runtime and opens a motion; the council votes on it with
# `laurel governance`, then the owners of root seats on the proposal, and after the delay the chain upgrades itself.
# More arguments go to `laurel upgrade`, as --threshold or --yes.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT"

BY=sudo
CHAIN="${LAUREL_CHAIN:-ws://127.0.0.1:9944}"
SKIP_BUILD=0
PASSED=()
while [ $# -gt 0 ]; do
	case "$1" in
	--by)
		BY="${2:?--by wants sudo or governance}"
		shift
		;;
	--chain)
		CHAIN="${2:?--chain wants an address}"
		shift
		;;
	--skip-build) SKIP_BUILD=1 ;;
	*) PASSED+=("$1") ;;
	esac
	shift
done

# answer METHOD [PARAMETERS]: what the node's JSON-RPC says; the same port speaks HTTP.
answer() {
	curl --silent --fail --header 'Content-Type: application/json' "${CHAIN/#ws/http}" \
		--data "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":[${2:-}]}"
}

# result: the result in an answer, as JSON.
result() { python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["result"]))'; }

# finalised: height of the last finalised block.
finalised() {
	local head
	head="$(answer chain_getFinalizedHead | result)"
	answer chain_getHeader "$head" | python3 -c 'import json, sys; print(int(json.load(sys.stdin)["result"]["number"], 16))'
}

# neurons: how many each subnet has, by the runtime API that clients read with.
neurons() {
	answer laurel_subnets | python3 -c '
import json, sys
print(*(str(subnet["netuid"]) + ":" + str(subnet["neurons"]) for subnet in json.load(sys.stdin)["result"]))'
}

# of_chain: the spec_version that runs.
of_chain() {
	answer state_getRuntimeVersion | python3 -c 'import json, sys; print(json.load(sys.stdin)["result"]["specVersion"])'
}

# balanced: fails unless issuance is genesis plus minted, to the unit.
balanced() {
	answer laurel_supply | python3 -c '
import json, sys
supply = {name: int(value) for name, value in json.load(sys.stdin)["result"].items()}
sys.exit(supply["issuance"] != supply["genesis"] + supply["minted"])'
}

RUNNING="$(of_chain)" || die "no node answers at $CHAIN" "start it, or give --chain"
BUILT="$(sed -nE 's/^ *spec_version: ([0-9_]+),$/\1/p' runtime/src/lib.rs | tr -d _)"
[ "$BUILT" -gt "$RUNNING" ] ||
	die "this tree's spec_version $BUILT is not above the chain's $RUNNING" "raise it in runtime/src/lib.rs"
balanced || die "the books of the chain do not balance before the upgrade" "find out why first: laurel_supply shows the sums"

PEOPLE="$(neurons)"

if [ "$SKIP_BUILD" = 0 ]; then
	say "building the runtime"
	cargo build --release --locked -p laurel-runtime -p laurel-cli || die "the build failed" "read the first error above"
fi
WASM="$LAUREL_BIN/wbuild/laurel-runtime/laurel_runtime.compact.compressed.wasm"
[ -f "$WASM" ] || die "$WASM is not there" "build without SKIP_WASM_BUILD and without --skip-build"

say "from version $RUNNING to $BUILT, by $BY"
"$LAUREL_BIN/laurel" upgrade --chain "$CHAIN" --by "$BY" --runtime "$WASM" ${PASSED[@]+"${PASSED[@]}"} ||
	die "the chain did not take it" "the line above says why"
[ "$BY" = sudo ] || exit 0
MADE="$(finalised)"

# The runtime counts from the block after the one that holds it.
for _ in $(seq 60); do
	[ "$(of_chain)" = "$RUNNING" ] || break
	sleep 1
done
[ "$(of_chain)" = "$BUILT" ] || die "the chain still runs version $(of_chain)" "look into the node's log"
balanced || die "the books of the chain do not balance after the upgrade" "stop and find out why: laurel_supply shows the sums"
[ "$(neurons)" = "$PEOPLE" ] || die "the subnets had neurons $PEOPLE and have $(neurons)" "look whether somebody registered meanwhile"
# Blocks made by the new runtime are finalised too.
for _ in $(seq 60); do
	[ "$(finalised)" -lt $((MADE + 5)) ] || break
	sleep 1
done
[ "$(finalised)" -ge $((MADE + 5)) ] || die "no block is finalised after $MADE" "look into the logs of the authorities"
say "the chain runs version $BUILT, block $(finalised) is finalised, the books balance, neurons are as before: $PEOPLE"
