#!/usr/bin/env bash
# A VapourSynth script through vspipe to x265, with the sound of the source:
#
#     bash examples/vspipe_x265.sh rain.mkv clean.mkv
#
# Needs vsrrg and vapoursynth-bestsource in the active environment, and an ffmpeg with libx265. x265 by itself reads
# the same pipe: ... | x265 --y4m --crf 18 -o clean.hevc -
set -euo pipefail
script=$(dirname "$0")/derain.vpy

vspipe -c y4m --arg "input=$(realpath "$1")" "$script" - |
    ffmpeg -v error -i - -i "$1" -map 0:v -map "1:a?" -c:a copy -c:v libx265 -crf 18 -x265-params log-level=error "$2"
