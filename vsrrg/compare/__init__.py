"""Pages that show what deraining did: before and after, rain as heat, figures frame by frame."""
