#!/usr/bin/env bash
# Ten minutes on a GPU: bench/gpu-day.mjs says what is done with them. Also where Node came in a packed kit:
#
#   bash bench/gpu-day.sh [SECONDS]
#   .gpu-kit/enter.sh bash bench/gpu-day.sh 420
set -eu
cd "$(dirname "$0")/.."
command -v node >/dev/null || { echo "gpu-day: needs Node 20 or newer" >&2; exit 2; }
exec node bench/gpu-day.mjs "$@"
