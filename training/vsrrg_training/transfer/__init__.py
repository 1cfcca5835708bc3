"""Task transfer: what real footage teaches without labels, distilled into the frame encoder of an RRGNet."""
