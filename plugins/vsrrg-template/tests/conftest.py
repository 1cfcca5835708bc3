pytest_plugins = ["vsrrg.testing"]
