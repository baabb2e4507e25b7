"""Trainings by settings, and the folders that they leave behind."""
