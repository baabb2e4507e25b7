"""The benchmarks: one file a module, each beside NumPy's float64. See docs/benchmarks.md.

One thread, and a BLAS without AVX-512 where fxtypes' own kernels don't use it. Set here, since
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
_features = set(_cpu.read_text().split()) if _cpu.exists() else set()
if "avx512f" in _features and (
    "avx512_vnni" not in _features or os.environ.get("FXTYPES_CPU") in ("portable", "avx2")
):
    os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")
