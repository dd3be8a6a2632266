#!/usr/bin/env bash
# Trains models/tiny from scratch: Jane Austen's novels (public domain, from Debian's r-cran-janeaustenr), on the CPU.
#
#   scripts/train-tiny.sh [OUT] [-- options of `laurel-model train`]
#
# OUT defaults to models/tiny. An interrupted run is taken up again from its last checkpoint, which stays in the user's
# cache; delete it to begin anew. LAUREL_MODEL names a built laurel-model (default: cargo builds one).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/laurel
work=$cache/train-tiny
out=$root/models/tiny
if [[ $# -gt 0 && $1 != -- ]]; then
    out=$1
    shift
fi
[[ ${1:-} != -- ]] || shift

die() {
    echo "error: $*" >&2
    exit 1
}

mkdir -p "$work"
if [[ ! -s $work/corpus/valid.txt ]]; then
    command -v apt-get >/dev/null || die "apt-get is not here: put train.txt and valid.txt into $work/corpus yourself"
    (
        cd "$work"
        apt-get download r-cran-janeaustenr || die "cannot download r-cran-janeaustenr: run 'apt-get update' and try again"
        rm -rf package && dpkg-deb -x r-cran-janeaustenr_*.deb package
        python3 "$root/scripts/austen-corpus.py" package/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb corpus
        rm -rf package r-cran-janeaustenr_*.deb
    )
fi

trainer=${LAUREL_MODEL:-}
if [[ -z $trainer ]]; then
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
    cargo build --release --manifest-path "$root/Cargo.toml" -p laurel-models
    trainer=$CARGO_TARGET_DIR/release/laurel-model
fi

# The training graph frees and takes the same large buffers in each step; giving them back to the system costs a fifth of the time.
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=4294967296
"$trainer" train --corpus "$work/corpus" --out "$work/model" --batch 4 --steps 1500 --evaluate-every 100 "$@"
mkdir -p "$out"
cp "$work"/model/* "$out/"
chmod 644 "$out"/*
echo "copied to $out"
