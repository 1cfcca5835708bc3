"""Long files in pieces that are made one by one, kept, and joined without encoding again.

The file is the one that `vsrrg.ffmpeg.transcode.derain_file` makes: `index` and `plan` say where it is cut,
`piece` makes pieces, `folder` keeps them, `join` joins them. `schedule` says what is to be done next and
`worker` does it, in any number of processes; `sequence` does all of it in this one.
"""
