"""Runs: one loop for every objective, resumable to the same weights."""
