"""The errors vsrrg raises; a message is one sentence: what was wrong, what is allowed, what to do."""


class VsrrgError(Exception):
    """Base of all errors that vsrrg raises on purpose.

    ``str(error)`` is the message. Errors that are the same mistake share a code; codes stay what they are, so
    programs may compare them.
    """

    def __init__(self, code: str, message: str) -> None:
        """Take a code, one of ``vsrrg.errors.catalogue`` or of a plugin's own, and the message."""
        super().__init__(code, message)
        self.code = code
        """What ``vsrrg explain CODE`` explains, such as ``target-exists``."""

    def __str__(self) -> str:
        return str(self.args[1])


class FormatError(VsrrgError, ValueError):
    """A pixel format, plane or frame size that is unsupported or inconsistent."""


class OptionError(VsrrgError, ValueError):
    """An option has a value that is not allowed."""


class OutOfMemoryError(VsrrgError, RuntimeError):
    """Memory ran out, and smaller pieces would not help any more; a RuntimeError, as torch's own is."""


class ModelError(VsrrgError):
    """A model is unknown, or its weight file is missing, damaged or tampered with."""


class MediaError(VsrrgError):
    """A media file, an ffmpeg process or a pipe failed."""


class PluginError(VsrrgError):
    """A plugin is broken or breaks the rules of the hooks."""


def tagged(error: VsrrgError) -> str:
    """The message with the code behind it, as hosts show it."""
    return f"{error} [{error.code}]"


def code_of(error: BaseException) -> str:
    """The code of an error; for those that are not vsrrg's own "unexpected", or what is missing."""
    if isinstance(error, ImportError):
        return "missing-package"
    return error.code if isinstance(error, VsrrgError) else "unexpected"


def one_line(error: BaseException) -> str:
    """An error as a part of another one's message; of those that are not vsrrg's own, the type too."""
    try:
        words = " ".join(str(error).split())
    except Exception:  # Those of others may have mistakes of their own.
        words = ""
    return words if isinstance(error, VsrrgError) else f"{type(error).__name__}: {words}".removesuffix(": ")
