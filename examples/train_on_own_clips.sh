#!/usr/bin/env bash
# Trains `fast` further on one's own clean clips, such as a fixed camera in dry weather, and exports a weight file:
#
#     bash examples/train_on_own_clips.sh CLIPS RUN [options of vsrrg-train train, such as --minutes 60 or --resume]
#     vsrrg derain --model RUN/own.safetensors rain.mp4 clean.mp4
#
# CLIPS is a folder of videos without rain. Needs vsrrg-training, whose README says what comes next: `vsrrg-train evaluate`
# tells whether it helped, `vsrrg-train gate` where to leave frames alone.
set -euo pipefail
examples=$(cd "$(dirname "$0")" && pwd)
clips=$1 run=$2
shift 2

vsrrg-train train --config "$examples/own_clips.toml" --to "$run" --set "data.videos=$clips" \
    --init "$examples/../vsrrg/models/weights/fast.safetensors" "$@"
vsrrg-train export "$run" --name own --to "$run"
