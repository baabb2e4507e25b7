"""What is watched while a network trains: the log, its measurements, and advice."""
