#!/usr/bin/env bash
# Checks deploy/ with the tools of those who will load it: Prometheus, systemd, Docker Compose. A tool that is not here is named.
# Usage: scripts/check-deploy.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$LAUREL_ROOT/deploy"

# Highest exposure that `systemd-analyze security` may find, times ten.
EXPOSURE=20

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# has TOOL WHAT: whether the tool is here; says what stays unchecked where it is not.
has() {
	command -v "$1" >/dev/null && return
	say "$2: left out, $1 is not installed"
	return 1
}

rules() {
	promtool check config prometheus/prometheus.yml >"$scratch/log" 2>&1 &&
		promtool test rules prometheus/alerts.test.yml >"$scratch/log" 2>&1 ||
		die "the alert rules: $(cat "$scratch/log")" "mend deploy/prometheus"
	local untested
	untested="$(comm -23 <(names_of '- alert' alerts.yml) <(names_of alertname alerts.test.yml))"
	[ -z "$untested" ] || die "alerts without a test: $untested" "add it to deploy/prometheus/alerts.test.yml"
}

# names_of KEY FILE: what the alerts are called there.
names_of() {
	grep -oE -e "$1: [A-Za-z]+" "prometheus/$2" | sed 's/.*: //' | sort -u
}

units() {
	local unit found
	# With its drop-in, too.
	install -D -m 0644 systemd/gpu.conf "$scratch/laurel-miner@.service.d/gpu.conf"
	for unit in systemd/*.service; do
		# The programs are not installed here; that units name them is for `install` to see to.
		sed 's#^ExecStart=/usr/bin/laurel[a-z-]*#ExecStart=/bin/true#' "$unit" >"$scratch/${unit##*/}"
		found="$(systemd-analyze verify --man=no "$scratch/${unit##*/}" 2>&1)" && [ -z "$found" ] ||
			die "$unit: $found" "mend it"
		systemd-analyze security --offline=true --threshold="$EXPOSURE" --no-pager "$scratch/${unit##*/}" >"$scratch/log" ||
			die "$unit: $(tail -1 "$scratch/log")" "take back what it is allowed: systemd-analyze security names it"
	done
}

compose() {
	local file command=(docker compose)
	"${command[@]}" version >/dev/null 2>&1 || command=(docker-compose)
	has "${command[0]}" "compose files" || return 0
	for file in docker/*.compose.yaml; do
		"${command[@]}" -f "$file" config -q || die "deploy/$file is no compose file" "mend it"
	done
}

python3 -m json.tool grafana/laurel.json >/dev/null || die "deploy/grafana/laurel.json is not JSON" "mend it"
bash -n docker/healthcheck
! has promtool "alert rules" || rules
! has systemd-analyze "systemd units" || units
compose
