"""Nothing goes over the network, and a file that names others has none of them read."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.ffmpeg.media import clip
from tests.trust.bad_input import tiny
from vsrrg.engine import Options
from vsrrg.errors import MediaError
from vsrrg.ffmpeg import transcode
from vsrrg.ffmpeg.binary import find_ffmpeg
from vsrrg.ffmpeg.inspection import inspect
from vsrrg.ffmpeg.probe import ELSEWHERE, open_media, probe


class Web:
    """A server that counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            do_HEAD = do_GET

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def web() -> Iterator[Web]:
    served = Web()
    yield served
    served.server.shutdown()
    served.server.server_close()


def lists(place: str) -> dict[str, str]:
    """Files of all kinds that name another one, at a place."""
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n{key}#EXTINF:2,\n{place}\n#EXT-X-ENDLIST\n"
    dash = (
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period>'
        '<AdaptationSet contentType="video"><Representation id="v" bandwidth="1" codecs="avc1.42c00d">'
        f"<BaseURL>{place}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )
    return {
        "list.m3u8": hls.format(key="", place=place),
        "key.m3u8": hls.format(key=f'#EXT-X-KEY:METHOD=AES-128,URI="{place}"\n', place=place),
        "master.m3u8": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{place}\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{place}'\n",
        "list.mpd": '<?xml version="1.0"?>\n' + dash,
        "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "looks like a film.mp4": hls.format(key="", place=place),
        "looks like a film.mkv": f"ffconcat version 1.0\nfile '{place}'\n",
    }


@pytest.mark.parametrize("kind", lists(""))
def test_lists_are_not_followed(kind: str, web: Web, tmp_path: Path) -> None:
    """Not to the network, and not to files beside them, though ffmpeg itself would go there."""
    secret = clip(tmp_path / "secret.ts", "-c:v", "mpeg2video", frames=3)
    for place in (f"{web.url}/film.ts", "secret.ts", str(secret), f"file:{secret}", f"concat:{secret}"):
        (tmp_path / kind).write_text(lists(place)[kind])
        with pytest.raises(MediaError) as raised:
            transcode.derain_file(tmp_path / kind, tmp_path / "out.mkv", derainer=tiny())
        assert raised.value.code == "playlist-source"
    assert web.asked == []
    assert {path.name for path in tmp_path.iterdir()} == {kind, "secret.ts"}


@pytest.mark.parametrize("name", ["film.vpy", "film.avs", "film.py"])
def test_scripts_are_no_videos(name: str, tmp_path: Path) -> None:
    """ffmpeg may know how to run them."""
    (tmp_path / name).write_text(f"open({str(tmp_path / 'mark')!r}, 'w')\nimport vapoursynth\n")
    with pytest.raises(MediaError) as raised:
        transcode.derain_file(tmp_path / name, tmp_path / "out.mkv", derainer=tiny())
    assert raised.value.code == "unreadable-source"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_ffmpeg_itself_would_ask(web: Web, tmp_path: Path) -> None:
    """The server is one that is asked where nothing forbids it: the tests above can fail."""
    (tmp_path / "list.m3u8").write_text(lists(f"{web.url}/film.ts")["list.m3u8"])
    allowed = ("-allowed_extensions", "ALL", "-protocol_whitelist", "file,http,tcp,crypto,data")
    command = [find_ffmpeg(), "-v", "error", *allowed, "-i", str(tmp_path / "list.m3u8"), "-f", "null", "-"]
    subprocess.run(command, capture_output=True, timeout=60)
    assert web.asked != []


@pytest.mark.parametrize("kind", ["list.m3u8", "list.ffconcat"])
def test_ffmpeg_reads_what_was_looked_at(kind: str, web: Web, tmp_path: Path) -> None:
    """A file that became a list after it was looked at is not followed either."""
    path = clip(tmp_path / "film.ts", "-c:v", "mpeg2video", frames=3)
    media = probe(path)
    clip(tmp_path / "secret.ts", "-c:v", "mpeg2video", frames=3)
    for place in (f"{web.url}/film.ts", "secret.ts"):
        path.write_text(lists(place)[kind])
        graph = transcode._cut(media, Options(), transcode.EncodeOptions(), [])
        with pytest.raises(MediaError):
            inspect(graph.inspect_command(find_ffmpeg()), what="it")
    assert web.asked == []


def test_every_reader_is_told(tmp_path: Path) -> None:
    """All commands that a job runs on its source name one protocol and one format."""
    source = clip(tmp_path / "film.mkv", "-c:v", "ffv1", frames=2, sound=True)
    job = transcode.prepare(source, tmp_path / "out.mkv", Options(), transcode.EncodeOptions())
    maps = job.carried.maps
    graph = transcode._cut(job.media, Options(), transcode.EncodeOptions(), maps, tmp_path / "out.mkv")
    for command in (
        graph.inspect_command(),
        graph.decode_command(job.known),
        graph.encode_command(job.known),
    ):
        place = command.index(f"file:{source}")
        before = command[:place]
        assert before[before.index("-protocol_whitelist") + 1] == "file"
        assert before[before.index("-format_whitelist") + 1] == "matroska,webm"


def test_formats_that_lead_elsewhere_are_known() -> None:
    """All that this ffmpeg has of them is refused; a new one of these names would be, too."""
    import av

    known = {name for one in av.formats_available for name in one.split(",")}
    assert {"hls", "dash", "concat", "sdp", "rtsp", "lavfi"} <= known & ELSEWHERE


def test_only_the_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a%d.png").write_bytes(clip(tmp_path / "b.png", "-update", "1", frames=1).read_bytes())
    clip(tmp_path / "a1.png", "-update", "1", frames=1)
    with open_media(tmp_path / "a%d.png") as container:
        assert len([packet for packet in container.demux(video=0) if packet.size]) == 1


OFFLINE = """
import socket, sys
def refused(*words, **more):
    raise RuntimeError("a socket was opened")
class Refused(socket.socket):
    def __init__(self, family=-1, *words, **more):
        if family != socket.AF_UNIX:
            refused()
        super().__init__(family, *words, **more)
    connect = refused
socket.socket, socket.create_connection, socket.getaddrinfo = Refused, refused, refused
from vsrrg.cli.main import _run
for words in sys.argv[1:]:
    code = _run(words.split())
    if code:
        sys.exit(f"{words}: {code}")
"""
COMMANDS = [
    "derain rain.mkv clean.mkv --model fast",
    "derain rain.mkv pieces.mkv --model fast --resume",
    "compare rain.mkv clean.mkv --out page.html",
    "preview rain.mkv --model fast",
    "demo rain.mkv",
    "models general",
    "plugins",
]


def test_nothing_is_downloaded(tmp_path: Path) -> None:
    """With no way to open a socket, with an empty cache and proxies that lead nowhere, all is there."""
    clip(tmp_path / "rain.mkv", "-c:v", "ffv1", frames=4)
    nowhere = {f"{name}_proxy": "http://127.0.0.1:9" for name in ("http", "https", "all", "ftp")}
    environment = {
        **os.environ,
        **nowhere,
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "VSRRG_PLUGINS": "off",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", OFFLINE, *COMMANDS]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    made = {path.name for path in tmp_path.iterdir()}
    assert made >= {"clean.mkv", "pieces.mkv", "page.html", "rain-preview.html", "vsrrg-demo"}
