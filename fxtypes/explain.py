"""Where pickles of version 0.1 look for `fxtypes.MatmulPlan`."""

from .functions.explain_matmul import MatmulPlan

__all__ = ["MatmulPlan"]
