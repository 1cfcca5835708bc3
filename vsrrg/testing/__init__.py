"""For the tests of plugins: suites that hold a plugin to what the hooks' contract promises, and fixtures.

A suite is a class to inherit from; what it needs to know are attributes, and each promise is a test::

    from vsrrg.testing import ModelSuite

    class TestSnow(ModelSuite):
        model = vsrrg_snow.vsrrg_models()[0]

The fixtures `isolated_plugins` and `only_plugins`, and the marker `needs_cuda`, are there once a
`conftest.py` says `pytest_plugins = ["vsrrg.testing"]`.

Needs pytest and hypothesis, which `pip install 'vsrrg[testing]'` brings.
"""

try:
    from vsrrg.testing.adapters import AdapterSuite
    from vsrrg.testing.backends import BackendSuite
    from vsrrg.testing.discovery import isolated_plugins, only_plugins, plugin_of
    from vsrrg.testing.filters import FilterSuite
    from vsrrg.testing.models import ModelSuite
    from vsrrg.testing.observers import ObserverSuite
    from vsrrg.testing.plugins import PluginSuite
except ModuleNotFoundError as error:
    if error.name not in ("pytest", "hypothesis"):
        raise
    raise ImportError(f"vsrrg.testing needs {error.name}: pip install 'vsrrg[testing]'") from error

__all__ = [
    "AdapterSuite",
    "BackendSuite",
    "FilterSuite",
    "ModelSuite",
    "ObserverSuite",
    "PluginSuite",
    "isolated_plugins",
    "only_plugins",
    "plugin_of",
]

pytest_plugins = ["vsrrg.testing.devices"]
