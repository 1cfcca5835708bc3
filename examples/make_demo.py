"""Render the demo clip: a street at dusk, filmed by hand, in rain that the training's generator makes.

    python examples/make_demo.py rain-demo.mp4            # with rain
    python examples/make_demo.py clean-demo.mp4 --clean   # the same pictures without

Needs vsrrg-training installed. The same seed gives the same pictures.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from demo_scene.brush import EDGE, Image, noise, rgb
from demo_scene.props import car
from demo_scene.street import Point, Surface, Wire, ground, puddles, surfaces, wires
from numpy.typing import NDArray

from vsrrg_training.rain import make_rainy

Floats = NDArray[np.float64]

WIDTH, HEIGHT, RATE, FRAMES = 640, 360, 25, 100
FINE = 2
"""Supersampling: pictures are drawn this many times larger, then averaged down."""
FOCAL = 0.8 * WIDTH
SEED, RAIN_SEED, RAIN = 5, 2, "heavy"


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole at `position` (metres); `turn` takes world to camera axes; `mirrored`: seen in the road."""

    position: Floats
    turn: Floats
    scale: float
    mirrored: bool = False

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels (N, 2) on the raster of `scale` times the frame, and depths (N,), of world points (N, 3)."""
        world = points * (1, -1, 1) if self.mirrored else points
        local = (world - self.position) @ self.turn.T
        depth = local[:, 2].clip(min=1e-3)
        flat = local[:, :2] / depth[:, None] * (1, -1) * FOCAL + (WIDTH / 2, HEIGHT / 2)
        return flat * self.scale - 0.5, local[:, 2]


def camera_at(time: float, shake: NDArray[np.float32], scale: float) -> Camera:
    """The hand-held camera: it walks and pans along the pavement, and trembles."""
    index = min(int(time * RATE), len(shake) - 1)
    tremble = shake[index].astype(float)
    ease = 0.5 - 0.5 * math.cos(math.pi * time * RATE / FRAMES)
    position = np.array((3.3 - 1.5 * ease, 1.75 + 0.02 * math.sin(9.5 * time), 0.2 + 0.45 * time))
    yaw = math.radians(-11.5 + 6.5 * ease + 0.22 * tremble[0])
    pitch = math.radians(4.2 + 0.22 * tremble[1])
    roll = math.radians(0.35 * tremble[2])
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (math.cos, math.sin))
    by_yaw = np.array(((cy, 0, -sy), (0, 1, 0), (sy, 0, cy)))
    by_pitch = np.array(((1, 0, 0), (0, cp, -sp), (0, sp, cp)))
    by_roll = np.array(((cr, sr, 0), (-sr, cr, 0), (0, 0, 1)))
    return Camera(position, by_roll @ by_pitch @ by_yaw, scale)


def corners(surface: Surface, lean: float = 0.0) -> Floats:
    """The four corners (4, 3), upper left first, clockwise."""
    corner, right, down = (np.array(side) for side in (surface.corner, surface.right, surface.down))
    top = corner + np.array((lean, 0.3 * abs(lean), 0))
    return np.stack((top, top + right, corner + right + down, corner + down))


def prefilter(surface: Surface, camera: Camera) -> list[Surface]:
    """Cut a surface into slices and shrink each one's texture to what the camera can resolve."""
    pieces = []
    columns = surface.texture.shape[1]
    for k in range(surface.slices):
        first, last = k / surface.slices, (k + 1) / surface.slices
        # Slices overlap by a few texels, so that no seam shows between them.
        low, high = max(0, round(first * columns) - 3), min(columns, round(last * columns) + 3)
        corner = np.array(surface.corner) + np.array(surface.right) * (low / columns)
        right = np.array(surface.right) * ((high - low) / columns)
        piece = replace(surface, corner=_point(corner), right=_point(right), slices=1)
        flat, depth = camera.project(corners(piece))
        if depth.min() < 0.3:
            continue
        sides = np.linalg.norm(np.roll(flat, -1, 0) - flat, axis=1)
        rows = surface.texture.shape[0]
        size = (
            max(2, min(high - low, round(1.15 * max(sides[0], sides[2])))),
            max(2, min(rows, round(1.15 * max(sides[1], sides[3])))),
        )
        texture = cv2.resize(surface.texture[:, low:high], size, interpolation=cv2.INTER_AREA)
        pieces.append(replace(piece, texture=np.asarray(texture, np.float32)))
    return pieces


def paint(picture: Image, surface: Surface, camera: Camera, lean: float = 0.0) -> None:
    """Lay a surface over a picture (H, W, 3) or, for four channels, replace what it covers."""
    flat, depth = camera.project(corners(surface, lean))
    if depth.min() < 0.3:
        return
    height, width = picture.shape[:2]
    left, top = np.floor(flat.min(0)).astype(int) - 1
    right, bottom = np.ceil(flat.max(0)).astype(int) + 2
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if left >= right or top >= bottom:
        return
    rows, columns = surface.texture.shape[:2]
    source = np.array(((0, 0), (columns, 0), (columns, rows), (0, rows)), np.float32) - 0.5
    target = (flat - (left, top)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    drawn = cv2.warpPerspective(
        surface.texture, matrix, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR
    )
    region = picture[top:bottom, left:right]
    region *= 1 - drawn[..., 3:]
    region += drawn[..., :3]


def string(picture: Image, wire: Wire, camera: Camera) -> None:
    """Draw a wire as short straight pieces; one thinner than a pixel lets the background through."""
    share = np.linspace(0, 1, 60)[:, None]
    points = (1 - share) * np.array(wire.start) + share * np.array(wire.end)
    points[:, 1] -= (4 * share * (1 - share))[:, 0] * wire.sag
    flat, depth = camera.project(points)
    for k in range(len(flat) - 1):
        if depth[k : k + 2].min() < 0.5 or np.abs(flat[k : k + 2]).max() > 8000:
            continue
        wide = 2 * wire.radius * FOCAL * camera.scale / depth[k]
        ends = [tuple(int(v) for v in np.rint(flat[j] * 16)) for j in (k, k + 1)]
        box = np.array(ends) // 16
        (x0, y0), (x1, y1) = box.min(0) - 4, box.max(0) + 5
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, picture.shape[1]), min(y1, picture.shape[0])
        if x0 >= x1 or y0 >= y1:
            continue
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        shifted = [(ends[j][0] - x0 * 16, ends[j][1] - y0 * 16) for j in (0, 1)]
        cv2.line(mask, shifted[0], shifted[1], 255, max(1, round(wide)), cv2.LINE_AA, 4)
        cover = mask[..., None].astype(np.float32) / 255 * min(1.0, wide)
        region = picture[y0:y1, x0:x1]
        region += cover * (rgb(wire.colour) - region)


def sky(rng: np.random.Generator) -> NDArray[np.float32]:
    """A panorama (rows, columns, 3) of a clearing evening sky; rows from 45 degrees up to 5 below."""
    rows, columns = 500, 1500
    height = np.linspace(45, -5, rows, dtype=np.float32)[:, None, None]
    blue, pale, glow = (
        rgb((0.10, 0.15, 0.25)),
        rgb((0.36, 0.38, 0.44)),
        rgb((0.92, 0.52, 0.30)),
    )
    base = (
        blue
        + (pale - blue) * np.exp(-height.clip(0) / 14)
        + (glow - pale) * 0.8 * np.exp(-height.clip(0) / 5)
    )
    cloud = noise(rng, rows // 2, columns, 130, 5)
    cloud = np.asarray(cv2.resize(cloud, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray((base * (1 + 0.35 * cloud.clip(-1, 1.3))[..., None]).clip(0.02), np.float32)


def paint_sky(picture: Image, panorama: NDArray[np.float32], camera: Camera) -> None:
    """Fill a picture with the sky; it is so far that only the camera's turning moves it."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    spread = camera.scale * FOCAL
    rays = np.stack(
        ((x + 0.5 - width / 2) / spread, -(y + 0.5 - height / 2) / spread, np.ones_like(x, float)), -1
    )
    world = rays @ camera.turn
    up = -world[..., 1] if camera.mirrored else world[..., 1]
    elevation = np.degrees(np.arctan2(up, np.hypot(world[..., 0], world[..., 2])))
    azimuth = np.degrees(np.arctan2(world[..., 0], world[..., 2]))
    columns = ((azimuth + 75) * 10).astype(np.float32)
    rows = ((45 - elevation) * 10).astype(np.float32)
    picture[...] = cv2.remap(panorama, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def cars(time: float) -> list[Surface]:
    """One car drives away in our lane, one comes toward us."""
    leaving, coming = 10.5 + 6.5 * time, 58.0 - 7.5 * time
    bounce = 0.015 * math.sin(11 * time)
    return [
        Surface((1.1, 1.62 + bounce, leaving), (2.0, 0, 0), (0, -1.6, 0), RED_CAR),
        Surface((-3.2, 1.62 - bounce, coming), (2.0, 0, 0), (0, -1.6, 0), BLUE_CAR),
    ]


RED_CAR = car((0.16, 0.012, 0.014), front=False)
BLUE_CAR = car((0.05, 0.09, 0.16), front=True)


class Street:
    """The scene, ready to be photographed at any time."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.panorama = sky(rng)
        self.shake = np.stack([noise(rng, 1, FRAMES, 22, 4)[0] for _ in range(3)], 1)
        start = camera_at(0.0, self.shake, FINE)
        self.ground = []
        pools = puddles(rng)
        for near, far, pitch in ((3.0, 9.0, 80.0), (9.0, 20.0, 50.0), (20.0, 45.0, 25.0), (45.0, 150.0, 8.0)):
            texture = ground(rng, pools, near, far, pitch)
            self.ground.append(Surface((-EDGE, 0, far), (2 * EDGE, 0, 0), (0, 0, near - far), texture))
        self.fixed = [piece for surface in surfaces(rng) for piece in prefilter(surface, start)]
        self.wires = wires()

    def picture(self, time: float) -> NDArray[np.float32]:
        """The frame at a time in seconds: (HEIGHT, WIDTH, 3) gamma R'G'B' in 0..1."""
        camera = camera_at(time, self.shake, FINE)
        image = np.empty((HEIGHT * FINE, WIDTH * FINE, 3), np.float32)
        paint_sky(image, self.panorama, camera)
        self._wet_ground(image, camera, time)
        self._standing(image, camera, time)
        image = np.asarray(cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)
        bright = (image - 0.8).clip(0, 6)
        for sigma, share in ((2.5, 0.20), (9.0, 0.16), (30.0, 0.10)):
            image = image + share * cv2.GaussianBlur(bright, (0, 0), sigma)
        tone = (1 - np.exp(-1.35 * image)).clip(0, 1) ** (1 / 2.0)
        return np.asarray(tone + 0.35 * (tone**2 * (3 - 2 * tone) - tone), np.float32)

    def _standing(self, image: Image, camera: Camera, time: float) -> None:
        things = [(float(np.mean(corners(piece)[:, 2])), piece) for piece in self.fixed]
        things += [(surface.corner[2], surface) for surface in cars(time)]
        for depth, surface in sorted(things, key=lambda thing: -thing[0]):
            lean = surface.sway * (math.sin(1.9 * time + depth) + 0.4 * math.sin(5.3 * time + 2 * depth))
            paint(image, surface, camera, lean)
        if not camera.mirrored:
            for wire in self.wires:
                string(image, wire, camera)

    def _wet_ground(self, image: Image, camera: Camera, time: float) -> None:
        below = Camera(camera.position, camera.turn, 1.0, mirrored=True)
        mirror = np.empty((HEIGHT, WIDTH, 3), np.float32)
        paint_sky(mirror, self.panorama, below)
        self._standing(mirror, below, time)
        mirror = np.asarray(cv2.GaussianBlur(mirror, (0, 0), sigmaX=1.2, sigmaY=4.5), np.float32)
        mirror = np.asarray(
            cv2.resize(mirror, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32
        )
        flat = np.zeros_like(image)
        wet = np.zeros_like(image)
        for surface in self.ground:
            texture = surface.texture
            for target, content in ((flat, texture[..., :3]), (wet, np.repeat(texture[..., 3:], 3, -1))):
                solid = np.concatenate((content, np.ones_like(content[..., :1])), -1)
                paint(target, replace(surface, texture=solid), camera)
        # Fresnel reflection of water (Schlick): the flatter the view, the brighter the mirror.
        rows = np.arange(image.shape[0], dtype=np.float32)[:, None, None]
        horizon = camera.project(np.array([camera.position + np.array((0, 0, 1e4))]))[0][0, 1]
        steep = np.sin(np.arctan((rows - horizon).clip(0) / (FOCAL * FINE)))
        fresnel = 0.03 + 0.97 * (1 - steep) ** 5
        covered = (flat.sum(-1, keepdims=True) > 0) & (rows > horizon - 1)
        image[...] = np.where(covered, flat * (1 - 0.6 * fresnel * wet) + mirror * fresnel * wet, image)


def _point(vector: Floats) -> Point:
    return float(vector[0]), float(vector[1]), float(vector[2])


def render(frames: int = FRAMES) -> torch.Tensor:
    """The clean clip (frames, 3, HEIGHT, WIDTH), gamma R'G'B' in 0..1, with the sensor's noise."""
    street = Street(SEED)
    rng = np.random.default_rng(SEED + 1)
    clip = np.empty((frames, 3, HEIGHT, WIDTH), np.float32)
    for t in range(frames):
        picture = street.picture(t / RATE)
        grain = rng.normal(0, 0.006, (HEIGHT, WIDTH, 1)) + rng.normal(0, 0.003, (HEIGHT, WIDTH, 3))
        clip[t] = (picture + grain * (0.5 + np.sqrt(picture))).clip(0, 1).transpose(2, 0, 1)
    return torch.from_numpy(clip)


def write(clip: torch.Tensor, path: Path, crf: float) -> None:
    """Encode a clip as H.264, 4:2:0, BT.709, limited range."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": str(crf), "preset": "slow"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        for picture in clip:
            array = np.ascontiguousarray((picture * 255).round().byte().permute(1, 2, 0).numpy())
            frame = av.VideoFrame.from_ndarray(array, format="rgb24")
            container.mux(
                stream.encode(frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1))
            )
        container.mux(stream.encode())


def main() -> None:
    """Read the command line, render, and write."""
    parser = argparse.ArgumentParser(description="Render the demo clip.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--clean", action="store_true", help="leave the rain away")
    parser.add_argument("--crf", type=float, default=23.0, help="quality of the encoder, less is better")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    clip = render()
    if not options.clean:
        clip = make_rainy(clip, RAIN, torch.Generator().manual_seed(RAIN_SEED)).rainy
    write(clip, options.output, options.crf)


if __name__ == "__main__":
    main()
