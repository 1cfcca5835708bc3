"""NVIDIA's run-time compiler, which torch's packages bring along and which needs no driver."""

import ctypes
from importlib.util import find_spec
from pathlib import Path


def library_path() -> Path | None:
    """Where libnvrtc is installed as a Python package, if it is."""
    spec = find_spec("nvidia")
    folders = (spec and spec.submodule_search_locations) or []
    found = [path for folder in folders for path in sorted(Path(folder).glob("*/lib/libnvrtc.so.*"))]
    return found[-1] if found else None


class Compiler:
    """libnvrtc through ctypes."""

    def __init__(self, library: Path) -> None:
        self.library = ctypes.CDLL(str(library))

    def compile(self, source: str, names: list[str], options: list[str]) -> tuple[bytes, str]:
        """Binary and PTX of these kernels; AssertionError with the compiler's log if it fails."""
        program = ctypes.c_void_p()
        create = self.library.nvrtcCreateProgram
        assert create(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None) == 0
        for name in names:
            assert self.library.nvrtcAddNameExpression(program, name.encode()) == 0
        words = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        failed = self.library.nvrtcCompileProgram(program, len(options), words)
        assert not failed, self._get("ProgramLog", program).decode()
        result = self._get("CUBIN", program), self._get("PTX", program).decode()
        self.library.nvrtcDestroyProgram(ctypes.byref(program))
        return result

    def _get(self, what: str, program: ctypes.c_void_p) -> bytes:
        size = ctypes.c_size_t()
        assert self.library[f"nvrtcGet{what}Size"](program, ctypes.byref(size)) == 0
        buffer = ctypes.create_string_buffer(size.value)
        assert self.library[f"nvrtcGet{what}"](program, buffer) == 0
        return buffer.raw.rstrip(b"\0") if what != "CUBIN" else buffer.raw
