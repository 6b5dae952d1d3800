#!/usr/bin/env bash
# The entry point of the image, and of a run without Docker: `executor.sh train|serve`.
# The image also has it on PATH as `train` and `serve`, for platforms that call those.
# bash, since sh drops variables such as MLDOCK_INPUT_CHANNEL_my-data: their names have a dash.
set -eu

# Called as `train` or `serve`, its name is the command; else the first argument is.
name=$(basename "$0")
case "$name" in
  train | serve) command=$name ;;
  *) command=${1:-} ;;
esac

# The folder of trainer.py and prediction.py, where Python finds them; those names are links to here.
self=$0
if [[ -L $self ]]; then self=$(readlink -f "$self"); fi
src=$(cd "$(dirname "$self")/.." && pwd)
export PYTHONPATH="$src${PYTHONPATH:+:$PYTHONPATH}"

case "$command" in
  train)
    # Python would end with a traceback until the job handles it, which `nox -s train` sends again.
    trap '' INT
    exec python -m container.training.train
    ;;
  serve) exec python -m container.prediction.serve ;;
  *)
    # A program, such as the chmod by which SageMaker's SDK cleans up after a job.
    if type -P -- "$command" >/dev/null; then exec "$@"; fi
    echo "executor.sh: '$command' is not a command. Use: executor.sh train, or executor.sh serve." >&2
    exit 64
    ;;
esac
