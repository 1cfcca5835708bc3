"""The shell program ``vsrrg``: one file per command, found through the hook ``vsrrg_commands``."""
