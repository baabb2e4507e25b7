"""NumPy's own functions on FixedArrays: each is handled, refused by name, or never asks."""

import inspect
import re
import types
import warnings

import numpy as np
import pytest
from checks import fixed

import fxtypes as fx
from fxtypes.interop import (
    function_tables,
    numpy_functions,
    numpy_handlers,
    numpy_names,
    numpy_ufuncs,
)

Q = fx.Format(16, 8)

MODULES = {
    "": np,
    "linalg.": np.linalg,
    "fft.": np.fft,
    "emath.": np.emath,
    "lib.stride_tricks.": np.lib.stride_tricks,
}

# Modules without functions of arrays.
WITHOUT_ARRAYS = {"core", "dtypes", "exceptions", "lib", "typing", "version"}


def public():
    """Every public name of NumPy's namespaces with what stands there."""
    for prefix, module in MODULES.items():
        for name in sorted(set(dir(module))):
            if name.startswith("_"):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    found = getattr(module, name)
                except AttributeError:
                    continue
            yield prefix + name, found


UFUNCS = {name: f for name, f in public() if isinstance(f, np.ufunc)}

DISPATCHED = {
    name: f for name, f in public() if hasattr(f, "_implementation") and not isinstance(f, np.ufunc)
}

OTHERS = {
    name: f
    for name, f in public()
    if name not in UFUNCS and name not in DISPATCHED and callable(f) and not isinstance(f, type)
}


def test_there_is_something_to_walk():
    assert len(UFUNCS) > 90
    assert len(DISPATCHED) > 250


@pytest.mark.parametrize("name", UFUNCS)
def test_every_ufunc_is_in_one_class(name):
    ufunc = UFUNCS[name]
    tables = [
        *(numpy_ufuncs.UFUNCS, numpy_ufuncs.REFUSED_UFUNCS),
        *(numpy_ufuncs.LOGICAL, numpy_ufuncs.NUMBER),
    ]
    assert sum(ufunc in table for table in tables) == 1


@pytest.mark.parametrize("name", DISPATCHED)
def test_every_dispatched_function_is_in_one_class(name):
    function = DISPATCHED[name]
    assert (function in numpy_functions.FUNCTIONS) + (function in numpy_functions.REFUSED) == 1
    assert name not in numpy_names.NOT_DISPATCHED


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_function_is_listed(name):
    assert name in numpy_names.NOT_DISPATCHED


def test_every_namespace_is_walked_or_listed():
    for name, found in public():
        if isinstance(found, types.ModuleType) and "." not in name:
            known = f"{name}." in MODULES or name in numpy_names.NOT_DISPATCHED
            assert known or name in WITHOUT_ARRAYS, name


def test_what_is_listed_as_not_dispatched_is_not():
    for name in numpy_names.NOT_DISPATCHED:
        found = function_tables.numpy_function(name)
        assert not hasattr(found, "_implementation"), name
        assert not isinstance(found, np.ufunc), name


def test_no_name_is_in_two_classes():
    classes = [
        set(numpy_names.SAME_NAME),
        set(numpy_names.OTHER_NAME),
        set(numpy_names.OWN),
        set(numpy_names.REFUSED),
        set(numpy_names.NOT_DISPATCHED),
    ]
    assert sum(map(len, classes)) == len(set().union(*classes))
    assert set(numpy_names.OWN) == set(numpy_handlers.OWN)
    assert set(numpy_names.OWN_UFUNCS) == set(numpy_handlers.OWN_UFUNCS)
    assert not set(numpy_names.UFUNCS) & set(numpy_names.REFUSED_UFUNCS)


def arguments(function):
    """As many FixedArrays as a function must have."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return 2
    needed = [p for p in parameters if p.default is p.empty and "POSITIONAL_" in p.kind.name]
    return max(len(needed), 1)


@pytest.mark.parametrize(
    "name", sorted(n for n in DISPATCHED if DISPATCHED[n] in numpy_functions.REFUSED)
)
def test_refused_functions_say_so(name):
    function, said = DISPATCHED[name], "nothing was refused"
    for count in {arguments(function), 1, 2, 3}:
        try:
            function(*[fixed([0, 256], Q)] * count)
        except TypeError as error:
            said = str(error)
        if f"{function.__name__} refuses FixedArrays" in said:
            return
    pytest.fail(said)


def acceptable(found):
    """FixedArrays, booleans and integers: no floats, no objects."""
    if isinstance(found, tuple | list):
        return all(map(acceptable, found))
    if isinstance(found, np.ndarray | np.generic):
        return found.dtype.kind in "biu"
    return found is None or isinstance(found, fx.FixedArray | bool | int | str)


@pytest.mark.parametrize("method", ["__call__", "reduce", "accumulate", "outer", "at", "reduceat"])
@pytest.mark.parametrize("width", [16, 100])
def test_no_ufunc_gives_floats_or_objects(method, width):
    for ufunc in set(UFUNCS.values()):
        a = fx.array([[1, 2], [3, 4]], fx.Format(width, 8))
        args = {
            "reduce": (a,),
            "accumulate": (a,),
            "reduceat": (a, [0, 1]),
            "at": (a, ([0, 1], [0, 0]), *[[1, 1]] * (ufunc.nin - 1)),
        }.get(method, (a,) * ufunc.nin)
        try:
            found = getattr(ufunc, method)(*args)
        except (TypeError, ValueError, RuntimeError) as error:
            said = str(error)
        else:
            said = ufunc.__name__
            assert acceptable(found), ufunc
            assert method != "at" or ufunc in numpy_ufuncs.UFUNCS
        if method == "__call__":
            assert re.search(rf"{ufunc.__name__}|shift count", said), ufunc


@pytest.mark.parametrize(
    "name", sorted(n for n in DISPATCHED if DISPATCHED[n] in numpy_functions.FUNCTIONS)
)
def test_no_function_gives_floats_or_objects(name):
    function = DISPATCHED[name]
    given = fx.array([[1, 2], [3, 4]], Q)
    for count in {arguments(function), 1, 2, 3}:
        for a in (given, given[0], given[:, :1]):
            try:
                found = function(*[a.copy()] * count)
            except (
                *(TypeError, ValueError, IndexError, DeprecationWarning),
                ZeroDivisionError,  # of constants there is no correlation
            ):
                continue  # a warning: NumPy will refuse the call
            assert acceptable(found)


def test_what_numpy_does_not_dispatch_takes_float64():
    a = fx.array([0.5, 1], Q)
    assert np.asarray(a).dtype == np.float64
    assert np.array([a, a]).dtype == np.float64
    with pytest.raises(TypeError, match="refuses"):
        np.zeros(3, like=a)
    with pytest.raises(TypeError, match="refuses"):
        np.asarray([1.0], like=a)
