"""The pictures of a training: what a `Record` holds, as figures and as files."""

from .drawing import PICTURES, PicturesError, draw
from .picture import Picture

__all__ = ["PICTURES", "Picture", "PicturesError", "draw"]
