"""The compiled kernels, their callers, and the plans that tell them what to do."""
