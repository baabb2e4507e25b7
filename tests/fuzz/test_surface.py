"""The fuzzer calls every public name: a new one is called, or left out with a reason."""

import inspect
import itertools
import sys
from pathlib import Path

import numpy as np

import fxtypes as fx
from fxtypes.interop import numpy_names

sys.path.append(str(Path(__file__).parent))
import calls
import worker

# Of the class: the operators and protocols, and who calls them.
PROTOCOLS = {
    "__array__": calls.unary,  # np.asarray
    "__array_function__": calls.numpy_function,
    "__array_namespace__": calls.namespace,
    "__array_ufunc__": calls.ufunc,
    "__bool__": calls.unary,
    "__contains__": calls.binary,
    "__delitem__": calls.index,
    "__format__": calls.text,
    "__getitem__": calls.index,
    "__init__": calls.construct,
    "__new__": calls.construct,
    "__reduce__": calls.pickled,
    "__setitem__": calls.index,
    "__setstate__": calls.pickled,
}
NO_BEHAVIOUR = {"__doc__"}
# Classes and modules: results, errors, names of modes.
OTHERS = {
    "Events": calls.counted,
    "FileError": calls.archive,
    "FixedArray": calls.method,
    "FixedOverflowError": calls.binary,
    "Format": calls.formats,
    "FormatError": calls.formats,
    "MatmulPlan": calls.function,  # of explain_matmul
    "Overflow": calls.formats,
    "Rounding": calls.formats,
    "random": calls.random_arrays,
}


def missing(public, called, prefix):
    """Names that are neither called nor left out; `called` are names or functions."""
    known = {*called, *calls.LEFT_OUT, *calls.OWN_CALLS}
    return [name for name in public if name not in known and f"{prefix}.{name}" not in known]


def operators():
    """The methods that the operators of BINARY, IN_PLACE and UNARY run."""
    for operation in calls.BINARY:
        name = operation.__name__.strip("_")
        yield from (f"__{name}__", f"__r{name}__")
    for operation in (*calls.IN_PLACE, *calls.UNARY):
        name = operation.__name__.strip("_")
        yield f"__{'iter' if name == 'list' else name}__"


def test_functions():
    functions = [function for function, _ in calls.FUNCTIONS]
    called = {name for name in fx.__all__ if getattr(fx, name) in functions}
    assert missing(fx.__all__, called | set(OTHERS), "fx") == []
    assert set(fx.random.__all__) == {"normal", "uniform"}  # of random_arrays


def test_the_class():
    names = [name for name in vars(fx.FixedArray) if name not in NO_BEHAVIOUR]
    public = [n for n in names if not n.startswith("_") or n.startswith("__")]
    called = {*(name for name, _ in calls.METHODS), *calls.PROPERTIES, *PROTOCOLS, *operators()}
    assert missing(public, called, "FixedArray") == []
    assert all(name in vars(fx.FixedArray) for name in PROTOCOLS)


def test_formats():
    assert [n for n in dir(fx.Format) if not n.startswith("_") and n not in calls.FORMAT] == []


def test_numpys_functions():
    names = [*numpy_names.SAME_NAME, *numpy_names.OTHER_NAME, *numpy_names.OWN]
    names += numpy_names.REFUSED
    called = {name[3:] for name in calls.NUMPY_NAMES}
    assert [n for n in missing(names, called, "np") if has(n)] == []
    ufuncs = {u.__name__ for u in calls.UFUNCS}
    table = [*numpy_names.UFUNCS, *numpy_names.OWN_UFUNCS, *numpy_names.REFUSED_UFUNCS]
    assert [n for n in table if hasattr(np, n) and getattr(np, n).__name__ not in ufuncs] == []


def has(name):
    """Whether this version of NumPy has it."""
    found = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is not None


def test_what_is_left_out_is_there():
    for name in (*calls.LEFT_OUT, *calls.OWN_CALLS):
        found = {"fx": fx, "np": np, "FixedArray": fx.FixedArray}[name.split(".")[0]]
        for part in name.split(".")[1:]:
            found = getattr(found, part)
    for name in calls.OWN_CALLS.values():
        assert getattr(calls, name) in calls.CALLS


def test_it_can_fail():
    assert missing(["add", "new"], {"add"}, "fx") == ["new"]
    assert missing(["seed"], set(), "fx") == []


def test_every_kind_of_call_a_few_times():
    for call in calls.CALLS:
        complaints = (worker.one_call({call: 1}, 0, number) for number in range(15))
        assert list(itertools.filterfalse(lambda said: said is None, complaints)) == []
    assert all(inspect.isfunction(call) for call in calls.CALLS)
