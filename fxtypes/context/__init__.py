"""What holds around an operation: the random stream, counted events, blocks, threads."""
