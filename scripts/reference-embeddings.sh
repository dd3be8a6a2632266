#!/usr/bin/env bash
# Embeds sentences with the sentence-transformers package: one sentence a line in, JSON out.
#
#   scripts/reference-embeddings.sh MODEL < sentences > vectors.json
#
# The package lives in an environment of its own in the user's cache, made once. PyTorch is Debian's (python3-torch) if it is
# installed, else pip fetches one. The tests of laurel-engine compare with the vectors that this printed, which are kept beside
# them, and run it again where the environment is there; tests/fixtures/README in that crate says how they were made.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
environment=${XDG_CACHE_HOME:-$HOME/.cache}/laurel/reference-embeddings

die() {
    echo "error: $*" >&2
    exit 1
}

[[ $# -eq 1 ]] || die "usage: scripts/reference-embeddings.sh MODEL < sentences > vectors.json"
if [[ ! -e $environment/ready ]]; then
    rm -rf "$environment"
    python=python3
    [[ ! -x /usr/bin/python3 ]] || python=/usr/bin/python3
    "$python" -m venv --system-site-packages "$environment" || die "cannot make a Python environment: install python3-venv"
    "$environment/bin/pip" install --quiet --disable-pip-version-check "sentence-transformers==2.7.0" "transformers==4.40.2" >&2 ||
        die "cannot install sentence-transformers: check the network and pip's index"
    touch "$environment/ready"
fi
HF_HUB_OFFLINE=1 exec "$environment/bin/python" "$root/scripts/reference-embeddings.py" "$1"
