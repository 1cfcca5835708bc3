"""Where to run and how precisely, when the user does not say."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Set
from typing import Any

from vsrrg.errors import OptionError
from vsrrg.models.descriptor import PRECISIONS, Precision

log = logging.getLogger(__name__)


def choose_device(device: str | None) -> str:
    """The device to run on: the one asked for, else CUDA if there is any, else the CPU.

    Raises OptionError for a device that does not exist or that this machine does not have.
    """
    import torch

    if device is None:
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        chosen = "cuda" if count else "cpu"
        log.info("device %s: none was asked for, and torch sees %d CUDA devices", chosen, count)
        return chosen
    check_device(device)
    if device.startswith("cuda"):
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        index = int(device.partition(":")[2] or 0)
        if index >= count:
            raise OptionError(
                "missing-device",
                f"device {device!r} is not there: torch sees {count} CUDA devices; use 'cpu' or leave it out",
            )
    log.info("device %s: asked for", device)
    return device


def check_device(device: str) -> None:
    """Raises OptionError for what is no device on any machine."""
    if not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        raise OptionError(
            "unknown-device",
            f"device {device!r} does not exist; choose 'cpu', 'cuda' or 'cuda:N', or leave it out",
        )


def choose_precision(
    device: str, precision: str | None, halves: Set[Precision] = frozenset(PRECISIONS)
) -> Precision:
    """The precision to run in: the one asked for, else what the device does fast if the model and its backend
    (`halves`) bear it.

    That is fp16 on CUDA, bf16 on CPUs with units for it, and fp32 otherwise. Raises OptionError for a
    precision that does not exist, or that is asked for and not borne.
    """
    if precision is None:
        fast = _fast_precision(device)
        if fast not in halves:
            log.info("precision fp32: %s would be fast, but model or backend do not bear it", fast)
            return "fp32"
        log.info("precision %s: none was asked for, and this device does it fast", fast)
        return fast
    for known in PRECISIONS:
        if precision == known:
            if known not in halves and known != "fp32":
                raise OptionError(
                    "unsupported-precision",
                    f"the model, or its backend on {device}, does not bear precision {known!r}: "
                    f"choose {', '.join(sorted(halves))}",
                )
            log.info("precision %s: asked for", known)
            return known
    raise OptionError(
        "unsupported-precision",
        f"precision {precision!r} does not exist; choose {', '.join(PRECISIONS)}, or leave it out",
    )


def _fast_precision(device: str) -> Precision:
    if device.startswith("cuda"):
        return "fp16"
    return "bf16" if _cpu_has_bf16_units() else "fp32"


def _cpu_has_bf16_units() -> bool:
    """Whether bf16 is computed, not emulated: oneDNN alone also says yes to AVX-512 without the bf16
    instructions.
    """
    import torch

    capabilities: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    units = any(capabilities.get(unit, False) for unit in ("avx512_bf16", "amx_bf16", "bf16"))
    return units and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
