"""Trained networks for other tools: C, hardware descriptions, arrays."""

from ..errors import ExportError
from .approximated import approximated
from .costs import Costs
from .export import TARGETS, Export, export

__all__ = ["TARGETS", "Costs", "Export", "ExportError", "approximated", "export"]
