import pytest
from engine_support import blend, open_session

from vsrrg.engine import Derainer, Options
from vsrrg.errors import OptionError


def test_defaults():
    options = Options()
    assert (options.model, options.backend, options.output) == ("general", "torch", "clean")
    assert (options.device, options.precision, options.strength, options.scene_cuts) == (
        None,
        None,
        1.0,
        True,
    )


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("strength", 2, "from 0 .* to 1 .*, not 2"),
        ("strength", "full", "not 'full'"),
        ("strength", float("nan"), "not nan"),
        ("output", "mask", "'mask' does not exist; choose clean, rain"),
        ("precision", "fp8", "'fp8' does not exist; choose fp32, bf16, fp16"),
        ("device", 0, "such as 'cpu' or 'cuda', not 0"),
        ("lookahead", -1, "number of frames from 0, or None .*, not -1"),
        ("model", "", "model must be a name"),
        ("backend", None, "backend must be a name, not None"),
    ],
)
def test_values_that_do_not_exist(option, value, says):
    with pytest.raises(OptionError, match=says):
        Options(**{option: value})


def test_the_engine_checks_too():
    session = open_session(blend(0))
    with pytest.raises(OptionError, match="strength"):
        Derainer(session, strength=-1)
    with pytest.raises(OptionError, match="output"):
        Derainer(session, output="dry")
