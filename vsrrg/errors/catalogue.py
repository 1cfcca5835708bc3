"""The codes of vsrrg's own errors, each with what it means in a line; docs/errors has a page on each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CODES: Mapping[str, str] = {
    # Videos
    "source-missing": "The input is not where the path says.",
    "source-is-folder": "The input is a folder, where a video file is expected.",
    "unreadable-source": "The input cannot be opened as a video.",
    "no-video": "The input has sound or pictures, but no video stream.",
    "no-frames": "The input says that it holds video, but no frame of it.",
    "unknown-codec": "The input's video is stored in a way that no decoder here knows.",
    "decoding-failed": "ffmpeg could not decode the input, or not to its end.",
    "interlaced-source": "The video is interlaced; only progressive frames can be derained.",
    "no-timestamps": "The input does not say when its frames are shown.",
    "irregular-timestamps": "The times of the frames are such that no output can follow them.",
    "no-demo-clip": "The demo clip is not part of the installed package.",
    # What is written
    "target-exists": "The file to be written is there already.",
    "target-is-source": "Input and output are the same file.",
    "target-is-folder": "A folder stands where a file is to be written.",
    "target-folder-missing": "The folder that is to hold the output does not exist.",
    "target-unwritable": "The output cannot be written where it should be.",
    "wrong-suffix": "The output's name does not say, by its suffix, what kind of file it is to be.",
    "ffmpeg-failed": "ffmpeg refused its settings, or could not write the output.",
    # ffmpeg
    "no-ffmpeg": "There is no ffmpeg on this machine that vsrrg can use.",
    "ffmpeg-setting": "VSRRG_FFMPEG names no program.",
    "ffmpeg-args": "The text of --ffmpeg-args does not consist of options.",
    "unknown-encoder": "This ffmpeg has no encoder of that name.",
    "no-default-encoder": "vsrrg knows no encoder by itself for this kind of file and pixel format.",
    "graph-needs-run": "A derained ffmpeg graph was handed to something that only ffmpeg alone could run.",
    "graph-reads-pipe": "A derained ffmpeg graph reads a pipe, but its inputs are read twice.",
    "two-derains": "An ffmpeg graph is derained in more than one place.",
    "filter-in-pipeline": "A filter that is a Python object cannot travel in a shell pipeline.",
    # Streams between programs
    "empty-stream": "Nothing came in through the pipe.",
    "unknown-stream": "What came in through the pipe is none of the formats that vsrrg reads.",
    "truncated-stream": "The pipe ended in the middle of a frame.",
    "damaged-stream": "What came in through the pipe breaks the rules of its format.",
    "frame-bytes": "A frame has another number of bytes than its size and pixel format need.",
    "raw-options": "Size and pixel format are missing for raw video, or given for what tells them itself.",
    # Formats and frames
    "unsupported-format": "Pixels are stored in a format that vsrrg does not work on.",
    "alpha-channel": "The pixel format has an alpha channel, which vsrrg does not keep.",
    "unknown-color": "A colour matrix or range does not exist.",
    "plane-shape": "The planes of a frame, or its rain layer, do not fit its size and format.",
    "sample-type": "The samples of a frame are of a type that its kind or format does not have.",
    "frame-shape": "An array or tensor has not the shape of one frame.",
    "mixed-frames": "The frames of one clip differ in size, format or kind.",
    "single-frame": "One frame was given where the frames of a clip are expected.",
    "unknown-source": "vsrrg was given an object that is no video it knows.",
    "planes-elsewhere": "The samples of a frame lie on another device than the one that is to work on them.",
    "no-such-frame": "A frame was asked for that the clip does not have.",
    "variable-clip": "A VapourSynth clip changes its size or format from frame to frame.",
    "invalid-mask": "The strength mask does not fit the frames, or holds other values than 0 to 1.",
    # Options
    "unknown-option": "An option was given that does not exist.",
    "not-a-name": "A model or backend was given as something other than a name.",
    "invalid-strength": "The strength is no number from 0 to 1.",
    "invalid-lookahead": "The lookahead is no number of frames.",
    "invalid-memory-limit": "The memory limit is no number of bytes.",
    "invalid-streams": "The number of streams for VapourSynth is none from 1 to 64.",
    "unknown-output": "Something else was asked for than the clean video or the rain.",
    "unknown-code": "There is no error of that code.",
    "log-setting": "VSRRG_LOG names no level.",
    "trace-setting": "VSRRG_TRACE is neither 0 nor 1.",
    # Devices and memory
    "unknown-device": "The device is written in a way that means none.",
    "missing-device": "The device exists, but not on this machine.",
    "unsupported-precision": "The precision does not exist, or model, backend or device do not bear it.",
    "memory-limit-too-small": "The model cannot work on frames of this size within --max-memory.",
    "out-of-memory": "Memory ran out, even with the smallest pieces of a frame.",
    # Models and backends
    "unknown-model": "There is no model of that name.",
    "missing-weights": "The weight file cannot be opened.",
    "not-weights": "The file is a safetensors file, but no weight file of vsrrg.",
    "pickled-weights": "The weight file is a pickled checkpoint, which could run code when opened.",
    "damaged-weights": "The weight file cannot be read as one.",
    "tampered-weights": "The weight file is whole, but its content is not what was written once.",
    "newer-weights": "The weight file needs another version of vsrrg.",
    "mismatched-weights": "The tensors of the weight file do not fit the network that it names.",
    "infinite-weights": "A network to be saved holds values that are not finite.",
    "invalid-descriptor": "A model describes itself in a way that cannot be.",
    "unknown-backend": "There is no backend of that name.",
    "missing-backend": "The backend is known, but cannot run on this machine.",
    "missing-package": "A Python package that this needs is not installed.",
    # Plugins and filters
    "plugin-failed": "A plugin raised an error, or returned what it must not.",
    "plugin-skipped": "A plugin cannot be loaded, or was written for another version of vsrrg.",
    "rival-plugins": "Several plugins offer something under the same name.",
    "unknown-filter": "There is no filter of that name.",
    "filter-parameters": "The parameters of a filter are not those that it takes.",
    "filter-failed": "A filter raised an error, or returned what it must not.",
    "invalid-filter": "A filter is put together in a way that cannot be.",
    # Comparing and measuring
    "sizes-differ": "The videos to be compared have different sizes.",
    "moments-differ": "The videos to be compared do not show their frames at the same times.",
    "nothing-there": "The video has no frame at the time asked for.",
    "page-too-small": "The size allowed for a page is less than any page needs.",
    "unknown-case": "A size or format to be measured does not exist.",
    "unreadable-results": "A file does not hold results of vsrrg bench, or those of another version.",
    # Everything else
    "unexpected": "Something went wrong that nobody foresaw: a mistake of vsrrg, or of the machine.",
}

PAGES = Path(__file__).parent / "pages"
"""The folder of the pages, CODE.md; docs/errors leads here, so that they are in every installation."""
