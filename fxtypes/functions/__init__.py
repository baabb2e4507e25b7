"""The public functions, a file a topic, in NumPy's words."""
