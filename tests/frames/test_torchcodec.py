from pathlib import Path

import pytest
import torch
from frames_support import arrays, full_range, tensors

from vsrrg.errors import FormatError

torchcodec = pytest.importorskip("torchcodec")
DEMO = Path(__file__).parents[2] / "examples" / "rain-demo.mp4"


def batch(data, first=0):
    times = torch.arange(first, first + len(data)) / 25
    return torchcodec.FrameBatch(data=data, pts_seconds=times, duration_seconds=torch.full_like(times, 0.04))


def test_frames(derain):
    given = tensors(arrays(full_range([0] * 5)))
    frames = [torchcodec.Frame(data=t, pts_seconds=n, duration_seconds=0.5) for n, t in enumerate(given)]
    for n, (frame, tensor) in enumerate(zip(derain(frames), derain(given), strict=True)):
        assert type(frame) is torchcodec.Frame and torch.equal(frame.data, tensor)
        assert (frame.pts_seconds, frame.duration_seconds) == (n, 0.5)


def test_batches_come_out_whole_and_windows_reach_across_them(derain):
    given = torch.stack(tensors(arrays(full_range([0] * 9))))
    expected = torch.stack(list(derain(given)))
    batches = [batch(part, first) for part, first in zip(given.split(4), (0, 4, 8), strict=True)]
    got = list(derain(batches))
    assert [type(one) for one in got] == [torchcodec.FrameBatch] * 3
    assert torch.equal(torch.cat([one.data for one in got]), expected)
    assert torch.equal(torch.cat([one.pts_seconds for one in got]), batch(given).pts_seconds)


def test_batches_of_one_frame(derain):
    given = torch.stack(tensors(arrays(full_range([0] * 3))))
    got = list(derain(list(batch(given))))  # What iterating over a batch gives.
    assert [one.data.shape for one in got] == [(3, 48, 64)] * 3
    assert torch.equal(torch.stack([one.data for one in got]), torch.stack(list(derain(given))))


def test_what_is_refused(derain):
    clips = torchcodec.FrameBatch(torch.zeros(2, 2, 3, 8, 8), torch.zeros(2, 2), torch.zeros(2, 2))
    for bad in (clips, batch(torch.zeros(0, 3, 8, 8))):
        with pytest.raises(FormatError, match=r"must be \(frames, 3, height, width\), but this one is"):
            list(derain([bad]))
    with pytest.raises(FormatError, match="torch tensors must be"):
        list(derain([batch(torch.zeros(2, 8, 8, 3))]))


def test_a_real_decoder(derain):
    from torchcodec.decoders import VideoDecoder

    try:
        decoder = VideoDecoder(DEMO)
    except RuntimeError as error:
        pytest.skip(f"torchcodec finds no FFmpeg: {str(error).splitlines()[0]}")
    decoded = decoder.get_frames_in_range(0, 3)
    (clean,) = derain([decoded])
    assert clean.data.shape == decoded.data.shape and not torch.equal(clean.data, decoded.data)
    one_by_one = torch.stack(list(derain(decoder[n] for n in range(3))))
    assert torch.equal(one_by_one, clean.data)
