#!/usr/bin/env bash
# Between two ffmpegs, each with the filters and options of one's own:
#
#     bash examples/ffmpeg_pipe.sh rain.mp4 clean.mkv [options of vsrrg pipe, such as --model fast]
#
# NUT keeps the timestamps. Colour tags and HDR data do not fit through the pipe; `vsrrg derain` keeps them.
set -euo pipefail
source=$1 target=$2
shift 2

ffmpeg -v error -i "$source" -c:v rawvideo -f nut - |
    vsrrg pipe "$@" |
    ffmpeg -v error -i - -c:v libx264 -crf 16 "$target"
