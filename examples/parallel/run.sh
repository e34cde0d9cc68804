#!/usr/bin/env bash
# A matrix by GNU parallel: several processes on one machine, or on several over ssh.
#
#   ./run.sh DATA SHARDS OUTPUT [options of remine matrix]
#   JOBS=2 ./run.sh genes.csv 16 pairs.csv --permutations 200
#
# Run the same command again after anything that stopped it: finished shards are skipped, open ones go on.
#   REMINE    the command, default "npx remine"
#   JOBS      shards that run at once, default 1: one per device
#   RETRIES   times that a shard is tried, default 4
#   PARALLEL  more options of parallel, such as "--sshloginfile nodes"
set -euo pipefail

if [ $# -lt 3 ]; then
  sed -n '4,5s/^# *//p' "$0" >&2
  exit 2
fi
data=$(realpath "$1") shards=$2 output=$(realpath "$3")
shift 3
parts="$output.parts"
read -ra remine <<<"${REMINE:-npx remine}"

mkdir -p "$parts"
# --resume-failed: of the shards in the log those are left out that ended well.
parallel --quote --jobs "${JOBS:-1}" --joblog "$parts/joblog" --resume-failed --retries "${RETRIES:-4}" \
  "${remine[@]}" matrix "$data" "$@" --shard "auto/$shards" --output "$parts/part-{}.ndjson" \
  ::: $(seq "$shards") || {
  echo "run.sh: not all of $shards shards ended well. Give the same command again to go on with the others" >&2
  exit 1
}
files=()
for ((i = 1; i <= shards; i++)); do files+=("$parts/part-$i.ndjson"); done
"${remine[@]}" merge "${files[@]}" --output "$output"
