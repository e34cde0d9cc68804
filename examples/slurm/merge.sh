#!/usr/bin/env bash
# Joins what the tasks wrote. Starts when all of them have ended well.
#SBATCH --job-name=remine-merge
#SBATCH --requeue
set -euo pipefail

shards=$1 parts=$2 output=$3
files=()
for ((i = 1; i <= shards; i++)); do files+=("$parts/part-$i.ndjson"); done
$REMINE merge "${files[@]}" --output "$output"
