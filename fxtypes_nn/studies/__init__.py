"""Studies of trainings: what they cost, and how they stand beside floating point."""
