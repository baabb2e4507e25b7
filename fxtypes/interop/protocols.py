"""What FixedArray calls when NumPy, or the Array API, asks it.

FixedArray lies below and imports nothing from here: `fxtypes` imports this file, which hands the
functions over. What they need is imported by the first call, to keep `import fxtypes` short.
"""

from ..fixed_array.array import set_protocols


def _numpy_protocols():
    from .numpy_functions import run_function
    from .numpy_ufuncs import run_ufunc

    return run_ufunc, run_function


def _namespace(format, api_version):
    from .array_api import namespace

    return namespace(format, api_version)


set_protocols(_numpy_protocols, _namespace)
