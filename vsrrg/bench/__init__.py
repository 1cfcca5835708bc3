"""How fast this machine derains: what is measured (`case`), how (`measure`), how it is told (`report`)."""
