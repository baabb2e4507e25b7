"""The benchmarks: one file a module, each beside NumPy's float64. See docs/benchmarks.md.

One thread, and a BLAS without AVX-512, which fxtypes' own kernels don't use. Set here, since
NumPy reads it when it is loaded: import this package first.
"""

import os
from pathlib import Path

for _variable in (
    "FXTYPES_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
):
    os.environ[_variable] = "1"

_cpu = Path("/proc/cpuinfo")
if _cpu.exists() and " avx512f " in _cpu.read_text():
    os.environ["OPENBLAS_CORETYPE"] = "Haswell"
