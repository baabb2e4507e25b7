"""Sums of products: matrix products, contractions, and the choice of how they are computed."""
