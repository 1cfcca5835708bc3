"""Training of vsrrg's models: clean footage, rain, the recipe, evaluation and export."""
