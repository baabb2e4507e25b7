"""FixedArrays in the NumPy world: NumPy's protocols, the Array API, files."""
