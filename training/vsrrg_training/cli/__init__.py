"""``vsrrg-train``: one file for each command."""
