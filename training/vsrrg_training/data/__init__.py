"""Clean footage, cut into clips, rained upon and packed."""
