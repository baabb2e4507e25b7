"""The namespace of a format, as the module that array-api-tests imports.

The suite names its data types and draws its numbers by IEEE's ranges. So two formats stand under
the names float32 and float64, and numbers are drawn from their values: floats hold all of them.
NumPy's complex types stand in for names that the suite can't be imported without.
See tests/README.md for the command.
"""

import builtins

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.extra import array_api

import fxtypes as fx

__version__ = fx.__version__
__array_api_version__ = "2025.12"

float32 = fx.Format(24, 8)
float64 = fx.Format(48, 16)
complex64, complex128 = np.dtype(np.complex64), np.dtype(np.complex128)

_xp = fx.zeros(0, float64).__array_namespace__(api_version=__array_api_version__)

for _name in dir(_xp):
    if not _name.startswith("_") and _name != "format":
        globals()[_name] = getattr(_xp, _name)
__array_namespace_info__ = _xp.__array_namespace_info__


def asarray(obj, /, *, dtype=None, device=None, copy=None):
    """The suite asks for the default complex type when it is imported."""
    if isinstance(obj, complex):
        return np.asarray(obj)
    return _xp.asarray(obj, dtype=dtype, device=device, copy=copy)


# -- numbers that a format has ------------------------------------------------------------

_from_dtype = array_api._from_dtype


def _values_of(xp, version, dtype, *, min_value=None, max_value=None, **kwargs):
    if not isinstance(dtype, fx.Format):
        return _from_dtype(
            xp, version, dtype, min_value=min_value, max_value=max_value, **_without_floats(kwargs)
        )
    # Products and sums of a few of these stay in range.
    limit = 1 << dtype.width // 2 - 2
    step = float(dtype.resolution)
    low = -limit if min_value is None else builtins.max(-limit, int(np.ceil(min_value / step)))
    high = limit if max_value is None else builtins.min(limit, int(np.floor(max_value / step)))
    low += builtins.bool(kwargs.get("exclude_min")) and low * step == min_value
    high -= builtins.bool(kwargs.get("exclude_max")) and high * step == max_value
    return st.integers(low, high).map(lambda raw: raw * step)


def _without_floats(kwargs):
    return {key: value for key, value in kwargs.items() if value is not None}


array_api._from_dtype = _values_of


# -- as a pytest plugin -------------------------------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Once the suite's tables are made: no complex numbers, and the formats' own ranges."""
    quick = (
        Phase.explicit,
        Phase.generate,
    )  # what fails is not made smaller first: that takes long
    settings.register_profile("quick", settings.get_profile("array-api-tests"), phases=quick)
    settings.load_profile("quick")
    import array_api_tests.dtype_helpers as tables

    gone = (complex64, complex128)

    def real(dtypes):
        return type(dtypes)(d for d in dtypes if d not in gone)

    for name in ("numeric_dtypes", "all_dtypes", "all_float_dtypes", "complex_dtypes"):
        setattr(tables, name, real(getattr(tables, name)))
    tables.kind_to_dtypes = {kind: real(d) for kind, d in tables.kind_to_dtypes.items() if real(d)}
    tables.promotion_table = _mapping(
        tables.promotion_table,
        lambda pair, result: (
            None if result in gone or pair[0] in gone or pair[1] in gone else result
        ),
    )
    tables.dtype_ranges = _mapping(
        tables.dtype_ranges,
        lambda d, r: type(r)(float(d.min), float(d.max)) if isinstance(d, fx.Format) else r,
    )


def _mapping(old, change):
    """A mapping of the suite's kind with other values; None drops one."""
    pairs = [(key, change(key, value)) for key, value in old._key_value_pairs]
    return type(old)([(key, value) for key, value in pairs if value is not None])
