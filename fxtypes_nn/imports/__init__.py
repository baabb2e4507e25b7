"""Networks of other tools as ours: their weights, rounded once into a precision's formats.

No file's content is ever run: of PyTorch's only weights are loaded, and nothing is unpickled.
"""

from .keras import from_keras
from .onnx import from_onnx
from .read_model import OTHERS, WIDE, fit_formats, read_model
from .sklearn import from_sklearn
from .torch import from_torch

__all__ = [
    "OTHERS",
    "WIDE",
    "fit_formats",
    "from_keras",
    "from_onnx",
    "from_sklearn",
    "from_torch",
    "read_model",
]
