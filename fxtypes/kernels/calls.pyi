from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

from ..format import Format

KERNELS: str

class Storage:
    S8: int
    U8: int
    S16: int
    U16: int
    S32: int
    U32: int
    S64: int
    U64: int
    S128: int
    U128: int
    DOUBLE: int
    NONE: int

class Operation:
    COPY: int
    NEGATE: int
    ABS: int
    ADD: int
    SUBTRACT: int
    MULTIPLY: int
    MINIMUM: int
    MAXIMUM: int
    DIVIDE: int
    LEFT_SHIFT: int
    RIGHT_SHIFT: int
    COMBINE: int
    CLIP: int
    FLOOR_DIVIDE: int
    REMAINDER: int
    AND: int
    OR: int
    XOR: int
    QUOTIENT: int
    INTEGER_POWER: int
    DIFFERENCE_OF_PRODUCTS: int
    RATIO: int
    ROOT: int

class Reduction:
    SUM: int
    MEAN: int
    MIN: int
    MAX: int
    SQUARES: int

class Comparison:
    EQ: int
    NE: int
    LT: int
    LE: int
    GT: int
    GE: int

class Level:
    I32: int
    I64: int
    I128: int
    I320: int
    I1024: int
    BITS: tuple[int, ...]

class ElementaryFunction:
    EXP: int
    EXP2: int
    EXPM1: int
    LOG: int
    LOG2: int
    LOG10: int
    LOG1P: int
    SIN: int
    COS: int
    TAN: int
    ARCTAN: int
    ARCTAN2: int
    SINH: int
    COSH: int
    TANH: int
    SIGMOID: int
    SOFTPLUS: int
    SQRT: int
    RSQRT: int
    HYPOT: int
    POWER: int

class RowFunction:
    SOFTMAX: int
    LOG_SOFTMAX: int
    LOGSUMEXP: int

class Accumulation:
    ANY_FORMATS: int
    LANES32: int
    LANES64_OF_32: int
    LANES64: int
    LIFTED64: int
    WORDS64: int
    WORDS128: int
    WORDS256: int

class Path:
    LOOPS: int
    PLANES: int
    LIMBS: int
    KARATSUBA: int
    LOW64: int
    RESIDUES: int

class Limits:
    OPERANDS: int
    MODULI: int
    DIVIDE_LIFT: dict[int, int]
    DIVIDE_LEVEL: dict[int, int]
    DIVIDE_SHIFT: int
    MULTIPLY_SHIFT: dict[int, int]
    MULTIPLY_LEVEL: dict[int, int]
    CONVERT_SHIFT: dict[int, int]
    COMBINE_SHIFT: dict[int, int]
    COMBINE_SUM: dict[int, int]
    COMBINE_LOW: int
    COMBINE_FACTOR: int
    ROOT_SHIFT: int
    QUOTIENT_SUM: int
    QUOTIENT_SHIFT: int
    QUOTIENT_NARROW: tuple[int, int]
    QUOTIENT_WIDE: tuple[int, int]
    DOUBLE_EXPONENT: int
    HALF_DRAW: int
    LIFTED64_WIDTH: int
    WORDS128_WIDTH: int
    WORDS_SHIFT: int
    WORDS256_SHIFT: int
    BLOCK_COLUMNS: int
    LIMBS_BITS: dict[int, int]
    KARATSUBA_BITS: dict[int, int]
    KARATSUBA_LENGTH: int
    LOW64_TOP_BITS: int
    LOW64_LENGTH: int
    LARGEST_MODULUS: int

@final
class Target:
    def __init__(self, format: Format, shift: int, missing_lift: int = 0) -> None: ...
    @property
    def format(self) -> Format: ...
    @property
    def shift(self) -> int: ...
    @property
    def missing_lift(self) -> int: ...

@disjoint_base
class Step:
    def __init__(
        self,
        name: str,
        operation: int,
        level: int,
        operands: Sequence[tuple[int, int]],
        target: Target | None,
        **fields: Any,
    ) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def result(self) -> Format | None: ...
    @property
    def level(self) -> int: ...
    @property
    def fused_storage(self) -> int: ...
    @property
    def accumulation(self) -> int: ...
    def replace(self, **fields: Any) -> Step: ...

def cut(elements: int) -> None: ...
def elementwise(
    step: Step, operands: tuple[NDArray[Any], ...], out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def select(mask: NDArray[np.bool_], x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]: ...
def to_double(x: NDArray[Any], code: int, frac_bits: int, odd: bool) -> NDArray[np.float64]: ...
def reduce(step: Step, x: NDArray[Any], axes: tuple[int, ...], keepdims: bool) -> NDArray[Any]: ...
def scan(
    first: Step,
    rest: Step | None,
    x: NDArray[Any],
    keep: bool,
    shape: tuple[int, ...],
    out: NDArray[Any] | None = None,
    done: int = 0,
) -> NDArray[Any]: ...
def draws(stream: Sequence[int], index: int, n: int, k: int = 0) -> NDArray[np.uint64]: ...
def normal_deviates(
    stream: Sequence[int], index: int, n: int, tables: tuple[NDArray[np.uint64], ...]
) -> tuple[NDArray[Any], NDArray[np.uint8]]: ...
def rounding_constants(format: Format, shift: int, level: int) -> tuple[int, int, int]: ...
