#!/usr/bin/env bash
# A matrix on a Slurm cluster: an array of tasks, each with a share of the pairs, and a job that joins what they wrote.
#
#   ./submit.sh DATA SHARDS OUTPUT [options of remine matrix]
#   ./submit.sh genes.csv 32 pairs.csv --permutations 200
#
# Data and output lie on a file system that all nodes see. What sbatch takes from the environment holds for the tasks,
# such as SBATCH_PARTITION=gpu SBATCH_GRES=gpu:1 SBATCH_TIMELIMIT=4:00:00. Besides:
#   REMINE    the command, default "npx remine"
#   RETRIES   times a task that was killed is started again, default 3
#   AT_ONCE   tasks that run at once at most
#   WAIT=1    returns when the matrix is there
set -euo pipefail

if [ $# -lt 3 ]; then
  sed -n '4,5s/^# *//p' "$0" >&2
  exit 2
fi
data=$(realpath "$1") shards=$2 output=$(realpath "$3")
shift 3
here=$(dirname "$(realpath "$0")")
parts="$output.parts"
export REMINE="${REMINE:-npx remine}" RETRIES="${RETRIES:-3}"

mkdir -p "$parts"
array=$(sbatch --parsable --array="1-$shards${AT_ONCE:+%$AT_ONCE}" --output="$parts/task-%a.log" \
  "$here/shard.sh" "$shards" "$parts" "$data" "$@")
echo "array job $array: $shards tasks, logs in $parts"
# The tasks' device is not the merge's: it needs none.
unset SBATCH_GRES SBATCH_GPUS SBATCH_GPUS_PER_TASK
sbatch ${WAIT:+--wait} --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes --output="$parts/merge.log" \
  "$here/merge.sh" "$shards" "$parts" "$output" |
  sed 's/.*/merge job &/'
