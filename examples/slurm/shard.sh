#!/usr/bin/env bash
# One task of the array: its share of the pairs. sbatch reads the lines that begin with #SBATCH.
#SBATCH --job-name=remine
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@60
set -uo pipefail

shards=$1 parts=$2 data=$3
shift 3

$REMINE matrix "$data" "$@" --shard "auto/$shards" --output "$parts/part-$SLURM_ARRAY_TASK_ID.ndjson" &
child=$!
# A minute before its time is over Slurm sends USR1, and scancel sends TERM. remine then ends by itself: what is finished is
# in the checkpoint.
cancelled=
trap 'kill -TERM $child' USR1
trap 'cancelled=1; kill -TERM $child' TERM
wait $child
status=$?
# A trap ends the first wait.
while kill -0 $child 2>/dev/null; do
  wait $child
  status=$?
done

# 2: the call or its input is wrong, and would be so again.
[ "$status" = 0 ] || [ "$status" = 2 ] || [ -n "$cancelled" ] && exit "$status"
again=${SLURM_RESTART_COUNT:-0}
if [ "$again" -lt "$RETRIES" ]; then
  echo "shard $SLURM_ARRAY_TASK_ID/$shards ended with $status; retry $((again + 1)) of $RETRIES"
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
