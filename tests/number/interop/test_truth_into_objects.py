"""Reductions of truth values into arrays of objects."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import fxtypes as fx


def truth_into_objects():
    """Reductions of truth values that stop early, into arrays of objects."""
    for values in (np.zeros(33), np.arange(66.0).reshape(33, 2)):
        for width in (8, 32, 64, 100):
            x = fx.array(values, fx.Format(width, 1))
            shape = np.all(values, 0).shape
            for ufunc, function in ((np.logical_and, fx.all), (np.logical_or, fx.any)):
                expected = ufunc.reduce(values, 0)
                for reduce in (function, getattr(np, function.__name__)):
                    out = np.empty(shape, object)
                    assert reduce(x, axis=0, out=out) is out
                    assert np.array_equal(out, expected)
                    out = np.empty((1, *shape), object)
                    assert np.array_equal(reduce(x, axis=0, out=out, keepdims=True)[0], expected)
                for dtype in (None, bool):
                    np.full(33, 8139)  # what a new buffer would find, if it weren't filled
                    out = np.empty(shape, object)
                    assert np.array_equal(ufunc.reduce(x, 0, dtype, out=out), expected)
                with pytest.raises(ValueError, match=r"\(5,\)"):
                    function(x, 0, out=np.empty(5, object))


def test_truth_into_objects():
    """In a process whose memory is malloc's alone: NumPy's mistake damages another's there."""
    truth_into_objects()
    program = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    program += f"import {Path(__file__).stem} as t\nfor _ in range(20): t.truth_into_objects()"
    environment = {**os.environ, "MALLOC_PERTURB_": "7"}
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):  # it has one allocator of its own only
        environment["PYTHONMALLOC"] = "malloc"
    found = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True,
                           timeout=300, env=environment, check=False)  # fmt: skip
    assert found.returncode == 0, found.stderr
