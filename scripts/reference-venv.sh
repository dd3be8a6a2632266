#!/usr/bin/env bash
# A Python environment with a second implementation of the models, for the tests that compare ours with it: PyTorch for
# the CPU from Debian, transformers from PyPI.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

VENV="$LAUREL_CACHE/reference"
MARK="$VENV/complete"
[ -f "$MARK" ] && exit 0
/usr/bin/python3 -c 'import torch' 2>/dev/null ||
	die "Debian's PyTorch is not installed" "apt-get install python3-torch, or run scripts/setup.sh --ci"
say "installing transformers for the comparison tests (once)"
rm -rf "$VENV"
/usr/bin/python3 -m venv --system-site-packages "$VENV" || die "venv failed" "apt-get install python3-venv"
"$VENV/bin/pip" install --quiet --disable-pip-version-check "transformers==4.33.3" "safetensors==0.4.5" ||
	die "pip could not install transformers" "check the network, then run again"
touch "$MARK"
