"""What all tests share."""

from hypothesis import settings

pytest_plugins = ["vsrrg.testing"]

settings.register_profile("vsrrg", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("vsrrg")
