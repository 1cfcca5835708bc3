"""How far synthetic rain lies from real rain."""
