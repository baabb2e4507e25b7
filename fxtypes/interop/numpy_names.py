"""Every public function of NumPy, by name: handled, refused, or never dispatched to us.

function_tables.py looks these up; a test walks NumPy's namespaces and fails when a name is in
none of the three. Names that only some versions of NumPy have are here as well.
"""


def words(text: str) -> list[str]:
    return text.split()


# -- ufuncs -------------------------------------------------------------------------------

# ufunc -> the fxtypes function of the same operands.
UFUNCS = {
    "absolute": "absolute",
    "add": "add",
    "arccos": "arccos",
    "arccosh": "arccosh",
    "arcsin": "arcsin",
    "arcsinh": "arcsinh",
    "arctan": "arctan",
    "arctan2": "arctan2",
    "arctanh": "arctanh",
    "bitwise_and": "bitwise_and",
    "bitwise_or": "bitwise_or",
    "bitwise_xor": "bitwise_xor",
    "cbrt": "cbrt",
    "ceil": "ceil",
    "conjugate": "positive",
    "cos": "cos",
    "cosh": "cosh",
    "divide": "divide",
    "divmod": "divmod",
    "equal": "equal",
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "expm1",
    "fabs": "absolute",
    "float_power": "power",
    "floor": "floor",
    "floor_divide": "floor_divide",
    "fmax": "maximum",
    "fmin": "minimum",
    "greater": "greater",
    "greater_equal": "greater_equal",
    "hypot": "hypot",
    "invert": "invert",
    "ldexp": "left_shift",
    "left_shift": "left_shift",
    "less": "less",
    "less_equal": "less_equal",
    "log": "log",
    "log10": "log10",
    "log1p": "log1p",
    "log2": "log2",
    "logaddexp": "logaddexp",
    "logaddexp2": "logaddexp2",
    "matmul": "matmul",
    "matvec": "matvec",
    "maximum": "maximum",
    "minimum": "minimum",
    "multiply": "multiply",
    "negative": "negative",
    "not_equal": "not_equal",
    "positive": "positive",
    "power": "power",
    "reciprocal": "reciprocal",
    "remainder": "remainder",
    "right_shift": "right_shift",
    "rint": "round",
    "sign": "sign",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "square": "square",
    "subtract": "subtract",
    "tan": "tan",
    "tanh": "tanh",
    "trunc": "trunc",
    "vecdot": "vecdot",
    "vecmat": "vecmat",
}

# ufuncs with a function of their own in numpy_handlers.py.
OWN_UFUNCS = ("copysign", "heaviside", "modf")

# ufuncs of truth values: NumPy's own, of `a != 0`.
LOGICAL_UFUNCS = ("logical_and", "logical_or", "logical_xor", "logical_not")

# ufuncs that ask what kind of number an element is: NumPy's own, of numbers of the same sign.
NUMBER_UFUNCS = ("isnan", "isinf", "isfinite", "signbit")

# ufunc.reduce and ufunc.accumulate -> the function that reduces, accumulates.
REDUCE = {
    "add": "sum",
    "multiply": "prod",
    "minimum": "min",
    "maximum": "max",
    "fmin": "min",
    "fmax": "max",
}
ACCUMULATE = {"add": "cumsum", "multiply": "cumprod"}

_LATER = "not there yet; compute it in float64: np.asarray(a)"
_NO_MEANING = "it has no meaning for fixed-point numbers"
_INTEGERS = "it is for integers; pass a.raw"
_INEXACT = "it is no operation on exact numbers; compute it in float64: np.asarray(a)"

REFUSED_UFUNCS = {
    **dict.fromkeys(
        words(
            """
            deg2rad degrees rad2deg radians
            """
        ),
        _LATER,
    ),
    **dict.fromkeys(["bitwise_count", "gcd", "lcm"], _INTEGERS),
    "fmod": "its sign follows the dividend; np.remainder's (a % b) follows the divisor",
    **dict.fromkeys(["frexp", "isnat", "nextafter", "spacing"], _NO_MEANING),
}

# -- functions ----------------------------------------------------------------------------

# Functions of NumPy that ours of the same name handle.
SAME_NAME = words(
    """
    all allclose any append argmax argmin argpartition argsort argwhere array_equal array_equiv
    array_split average atleast_1d atleast_2d atleast_3d block broadcast_arrays broadcast_to
    choose clip column_stack compress concatenate convolve copy copyto corrcoef correlate cov
    cross cumprod cumsum delete diag diagflat diagonal diff digitize dot dsplit dstack ediff1d
    einsum einsum_path expand_dims extract fill_diagonal flatnonzero flip fliplr flipud gradient
    histogram histogram_bin_edges hsplit hstack inner insert interp intersect1d isclose isin
    kron lexsort matrix_transpose max mean median meshgrid min moveaxis nonzero outer pad
    partition percentile place prod ptp put put_along_axis putmask quantile ravel repeat reshape
    resize roll rollaxis rot90 round searchsorted select setdiff1d setxor1d sort split squeeze
    stack std sum swapaxes take take_along_axis tensordot tile trace transpose trapezoid tril
    trim_zeros triu union1d unique unique_all unique_counts unique_inverse unique_values unstack
    var vdot vsplit vstack where
    """
)

# NumPy's name -> ours. Without NaN the nan-functions are the plain ones.
OTHER_NAME = {
    "amax": "max",
    "amin": "min",
    "around": "round",
    "fix": "trunc",
    "in1d": "isin",
    "nanargmax": "argmax",
    "nanargmin": "argmin",
    "nancumprod": "cumprod",
    "nancumsum": "cumsum",
    "nanmax": "max",
    "nanmean": "mean",
    "nanmedian": "median",
    "nanmin": "min",
    "nanpercentile": "percentile",
    "nanprod": "prod",
    "nanquantile": "quantile",
    "nanstd": "std",
    "nansum": "sum",
    "nanvar": "var",
    "lib.stride_tricks.sliding_window_view": "sliding_window_view",
    "linalg.cross": "cross",
    "linalg.matmul": "matmul",
    "linalg.matrix_power": "matrix_power",
    "linalg.matrix_transpose": "matrix_transpose",
    "linalg.multi_dot": "multi_dot",
    "linalg.norm": "norm",
    "linalg.tensordot": "tensordot",
    "linalg.vecdot": "vecdot",
}

# Functions with one of their own in numpy_handlers.py.
OWN = words(
    """
    apply_along_axis apply_over_axes cumulative_prod cumulative_sum diag_indices_from
    tril_indices_from triu_indices_from array2string array_repr array_str astype count_nonzero
    empty_like fft.fftshift fft.ifftshift full_like imag iscomplex iscomplexobj isneginf
    isposinf isreal isrealobj linalg.diagonal linalg.matrix_norm linalg.outer linalg.trace
    linalg.vector_norm may_share_memory nan_to_num ndim ones_like real real_if_close shape
    shares_memory size zeros_like
    """
)

REFUSED = {
    **dict.fromkeys(
        words(
            """
            angle histogram2d histogramdd i0 piecewise sinc unwrap vander linalg.cholesky
            linalg.cond linalg.det linalg.inv linalg.lstsq linalg.matrix_rank linalg.pinv
            linalg.solve linalg.tensorinv linalg.tensorsolve
            """
        ),
        _LATER,
    ),
    **dict.fromkeys(
        words(
            """
            geomspace linspace logspace poly polyadd polyder polydiv polyfit polyint polymul
            polysub polyval roots sort_complex linalg.eig linalg.eigh linalg.eigvals
            linalg.eigvalsh linalg.qr linalg.slogdet linalg.svd linalg.svdvals fft.fft
            fft.fft2 fft.fftn fft.hfft fft.ifft fft.ifft2 fft.ifftn fft.ihfft fft.irfft
            fft.irfft2 fft.irfftn fft.rfft fft.rfft2 fft.rfftn emath.arccos emath.arcsin
            emath.arctanh emath.log emath.log10 emath.log2 emath.logn emath.power emath.sqrt
            """
        ),
        _INEXACT,
    ),
    **dict.fromkeys(
        words(
            """
            bincount busday_count busday_offset datetime_as_string is_busday ix_ packbits
            ravel_multi_index unpackbits unravel_index
            """
        ),
        _INTEGERS,
    ),
    **dict.fromkeys(
        ["can_cast", "common_type", "min_scalar_type", "result_type"],
        "a Format is no NumPy dtype; see a.format",
    ),
    **dict.fromkeys(
        ["save", "savetxt", "savez", "savez_compressed"], "use fx.save, which keeps the format"
    ),
}

# (function, keyword) -> why a value other than the default is refused.
REFUSED_KEYWORDS = {
    **dict.fromkeys(
        [(name, "mean") for name in ("var", "std", "nanvar", "nanstd")],
        "the exact mean is part of the exact variance",
    ),
}

# -- what NumPy never dispatches ----------------------------------------------------------

_NO_ARRAY = "takes no array"
_BY_ARRAY = "asks for __array__: float64"
_LIKE = "with like=FixedArray: refused by name; an array argument asks for __array__: float64"

NOT_DISPATCHED = {
    **dict.fromkeys(
        words(
            """
            arange array asanyarray asarray ascontiguousarray asfortranarray empty eye
            frombuffer fromfile fromfunction fromiter fromstring full genfromtxt identity
            loadtxt ones require tri zeros
            """
        ),
        _LIKE,
    ),
    **dict.fromkeys(
        words(
            """
            asarray_chkfinite asmatrix bmat from_dlpack isfortran isscalar iterable
            lib.stride_tricks.as_strided mask_indices mintypecode nested_iters row_stack
            """
        ),
        _BY_ARRAY,
    ),
    **dict.fromkeys(
        words(
            """
            bartlett base_repr binary_repr blackman broadcast_shapes datetime_data
            diag_indices format_float_positional format_float_scientific fromregex
            frompyfunc get_include get_printoptions getbufsize geterr geterrcall hamming
            hanning indices info isdtype issubdtype kaiser load printoptions promote_types
            set_printoptions setbufsize seterr seterrcall show_config show_runtime test
            tril_indices triu_indices typename linalg.test fft.fftfreq fft.rfftfreq fft.test
            """
        ),
        _NO_ARRAY,
    ),
    "trapz": "NumPy 2.0 calls trapezoid, which is refused",
    # Classes that take arrays.
    **dict.fromkeys(
        words(
            """
            broadcast matrix ndenumerate nditer poly1d recarray vectorize
            """
        ),
        _BY_ARRAY,
    ),
    # Namespaces without dispatch.
    **dict.fromkeys(
        words(
            """
            char ctypeslib f2py ma polynomial random rec strings testing
            """
        ),
        "asks for __array__ where it takes numbers: float64",
    ),
}
