"""What a trained network makes of a sample: the rain it sees, and how its encoder describes the frame."""

import numpy as np
import torch

from vsrrg.backends.torch_backend import TorchBackend
from vsrrg.engine import Derainer
from vsrrg.engine.device import choose_device, choose_precision
from vsrrg.hooks.resolve import find_model
from vsrrg.video import ColorSpec, Frame, PixelFormat
from vsrrg_training.data.sources import Pixels
from vsrrg_training.data.yuv import pack_rgb, planes_from_rgb
from vsrrg_training.evaluation.metrics import RAINY_CODES
from vsrrg_training.gap.ridges import Floats

_FORMAT = PixelFormat("yuv", 8, "integer", 1, 1)
_COLOR = ColorSpec("bt709", "limited")


class Network:
    """A model by name or weight file, opened once and asked of many samples."""

    def __init__(self, model: str, device: str | None = None) -> None:
        """Raises ModelError for models that do not exist."""
        descriptor = find_model(model)
        chosen = choose_device(device)
        precision = choose_precision(chosen, None, descriptor.halves)
        self.name = descriptor.name
        self._session = TorchBackend().open(descriptor, device=chosen, precision=precision)

    def figures(self, clip: Pixels) -> dict[str, float]:
        """The figures of the family `network`, of the middle frame of (T, H, W, 3), T being 1 for stills."""
        radius = self._session.descriptor.radius
        middle = len(clip) // 2
        window = clip[max(0, middle - radius) : middle + radius + 1]
        frames = [Frame(planes, _FORMAT, _COLOR) for planes in planes_from_rgb(_tensor(window))]
        at = min(middle, radius)
        clean = Derainer(self._session).frame(at, frames.__getitem__, len(frames))
        taken = (frames[at].planes[0].astype(np.float64) - clean.planes[0]) * (255 / 219)
        seen = taken[taken >= RAINY_CODES]
        return {
            "seen": seen.size / taken.size,
            "energy": float(np.sqrt((taken**2).mean())),
            "strength": float(np.median(seen)) if seen.size else np.nan,
            "strength_p90": float(np.quantile(seen, 0.9)) if seen.size else np.nan,
        }

    def features(self, clip: Pixels) -> Floats | None:
        """Deepest features of the middle frame, averaged over the frame: (channels,). None for a network that
        is no RRGNet.
        """
        middle = len(clip) // 2
        with torch.inference_mode():
            features = self._session.encode(pack_rgb(_tensor(clip[middle : middle + 1])))
        deep = getattr(features, "eighth", None)
        return None if deep is None else np.asarray(deep.float().mean((2, 3))[0].cpu().numpy(), np.float64)


def _tensor(clip: Pixels) -> torch.Tensor:
    height, width = (n // 8 * 8 for n in clip.shape[1:3])
    whole = np.ascontiguousarray(clip[:, :height, :width])
    return torch.from_numpy(whole).permute(0, 3, 1, 2).float() / 255
