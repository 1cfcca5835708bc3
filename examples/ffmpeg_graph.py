"""Deraining as one filter among others in a graph of ffmpeg-python.

python examples/ffmpeg_graph.py rain.mp4 clean.mp4
"""

import sys

import ffmpeg

import vsrrg.ffmpeg

source, target = sys.argv[1:]
rain = ffmpeg.input(source)
clean = vsrrg.ffmpeg.derain(rain.video, model="fast").filter("unsharp", luma_amount=0.3)
ffmpeg.output(clean, rain["a?"], target, vcodec="libx264", crf=16, acodec="copy").run(overwrite_output=True)
