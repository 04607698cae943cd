#!/bin/bash
# Are these nodes fit for the training, and alike? Looks for a few seconds, before hours are spent.
# Written by `mlenv-doctor init slurm`; it is yours to change.
#
#   id=$(sbatch --parsable mlenv-doctor.sbatch)
#   sbatch --dependency="afterok:$id" train.sbatch
#
#SBATCH --job-name=mlenv-doctor
#SBATCH --nodes=1
#SBATCH --gres=gpu:1
#SBATCH --time=00:10:00
#SBATCH --output=mlenv-doctor-%j.out

set -eu

cd "${SLURM_SUBMIT_DIR:-$PWD}"
report="mlenv-doctor-${SLURM_JOB_ID:-local}.json"

# As in your training script: load modules, activate the environment
if [ -f .venv/bin/activate ]; then
  # shellcheck source=/dev/null
  . .venv/bin/activate
fi

if ! command -v mlenv-doctor >/dev/null; then
  echo "mlenv-doctor is not on PATH of $(uname -n): install it with pipx or uv on a folder that all nodes see" >&2
  exit 2
fi

code=0
if [ "${SLURM_JOB_NUM_NODES:-1}" -gt 1 ]; then
  mlenv-doctor fleet slurm --require gpu --output "json:$report" || code=$?
  echo "The fleet is $PWD/$report; on another day: mlenv-doctor fleet slurm --baseline OLD.json"
else
  mlenv-doctor check --require gpu --output "json:$report" || code=$?
  echo "The report is $PWD/$report; on another day: mlenv-doctor diff OLD.json NEW.json"
fi
exit "$code"
