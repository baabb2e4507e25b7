"""Random FixedArrays, by integer arithmetic alone: the same bits on every machine."""
