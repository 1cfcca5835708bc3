"""What `vsrrg doctor` looks at: whether this machine has what deraining needs, and how fast it is."""
