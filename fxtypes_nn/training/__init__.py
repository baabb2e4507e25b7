"""Training: the trainer and its loop, losses, optimisers, schedules, callbacks, checkpoints."""
