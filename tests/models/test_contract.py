"""The models in the package keep the promises of their descriptors."""

from __future__ import annotations

from vsrrg.models import builtin_models
from vsrrg.testing import ModelSuite

FAST, GENERAL = builtin_models()


class TestFast(ModelSuite):
    model = FAST


class TestGeneral(ModelSuite):
    model = GENERAL
