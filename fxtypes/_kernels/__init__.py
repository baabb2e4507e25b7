"""The compiled kernels' wrappers."""
