"""Many files, one after another, with one open model: found, named, derained, told."""
