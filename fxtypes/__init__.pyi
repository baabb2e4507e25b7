# Made by tools/make_stubs.py from the module; run it again instead of editing this.
from . import random as random
from .context import Events as Events
from .context import full_precision as full_precision
from .context import record as record
from .context import seed as seed
from .context import seeded as seeded
from .creation import arange as arange
from .creation import empty as empty
from .creation import empty_like as empty_like
from .creation import eye as eye
from .creation import from_bits as from_bits
from .creation import full as full
from .creation import full_like as full_like
from .creation import linspace as linspace
from .creation import ones as ones
from .creation import ones_like as ones_like
from .creation import zeros as zeros
from .creation import zeros_like as zeros_like
from .elementwise import absolute as abs
from .elementwise import absolute as absolute
from .elementwise import add as add
from .elementwise import bitwise_and as bitwise_and
from .elementwise import bitwise_or as bitwise_or
from .elementwise import bitwise_xor as bitwise_xor
from .elementwise import ceil as ceil
from .elementwise import clip as clip
from .elementwise import divide as divide
from .elementwise import divmod as divmod
from .elementwise import equal as equal
from .elementwise import exp as exp
from .elementwise import floor as floor
from .elementwise import floor_divide as floor_divide
from .elementwise import greater as greater
from .elementwise import greater_equal as greater_equal
from .elementwise import invert as invert
from .elementwise import left_shift as left_shift
from .elementwise import less as less
from .elementwise import less_equal as less_equal
from .elementwise import log as log
from .elementwise import maximum as maximum
from .elementwise import minimum as minimum
from .elementwise import multiply as multiply
from .elementwise import negative as negative
from .elementwise import not_equal as not_equal
from .elementwise import positive as positive
from .elementwise import power as power
from .elementwise import remainder as remainder
from .elementwise import right_shift as right_shift
from .elementwise import round as round
from .elementwise import sigmoid as sigmoid
from .elementwise import sign as sign
from .elementwise import sqrt as sqrt
from .elementwise import square as square
from .elementwise import subtract as subtract
from .elementwise import tanh as tanh
from .elementwise import trunc as trunc
from .errors import FileError as FileError
from .errors import FixedOverflowError as FixedOverflowError
from .errors import FormatError as FormatError
from .explain import MatmulPlan as MatmulPlan
from .explain import explain_matmul as explain_matmul
from .fixed_array import FixedArray as FixedArray
from .fixed_array import array as array
from .format import Format as Format
from .functions import all as all
from .functions import any as any
from .functions import argmax as argmax
from .functions import argmin as argmin
from .functions import count_nonzero as count_nonzero
from .functions import cumprod as cumprod
from .functions import cumsum as cumsum
from .functions import diff as diff
from .functions import linear_combination as linear_combination
from .functions import logsumexp as logsumexp
from .functions import max as max
from .functions import mean as mean
from .functions import min as min
from .functions import prod as prod
from .functions import ptp as ptp
from .functions import softmax as softmax
from .functions import std as std
from .functions import sum as sum
from .functions import var as var
from .io import load as load
from .io import save as save
from .joining import append as append
from .joining import block as block
from .joining import choose as choose
from .joining import column_stack as column_stack
from .joining import concatenate as concatenate
from .joining import dstack as dstack
from .joining import hstack as hstack
from .joining import select as select
from .joining import stack as stack
from .joining import vstack as vstack
from .joining import where as where
from .memory_image import from_mem as from_mem
from .memory_image import to_mem as to_mem
from .modes import Overflow as Overflow
from .modes import Rounding as Rounding
from .ordering import allclose as allclose
from .ordering import argpartition as argpartition
from .ordering import argsort as argsort
from .ordering import argwhere as argwhere
from .ordering import array_equal as array_equal
from .ordering import array_equiv as array_equiv
from .ordering import digitize as digitize
from .ordering import flatnonzero as flatnonzero
from .ordering import isclose as isclose
from .ordering import lexsort as lexsort
from .ordering import nonzero as nonzero
from .ordering import partition as partition
from .ordering import searchsorted as searchsorted
from .ordering import sort as sort
from .ordering import trim_zeros as trim_zeros
from .placing import copyto as copyto
from .placing import fill_diagonal as fill_diagonal
from .placing import insert as insert
from .placing import pad as pad
from .placing import place as place
from .placing import put as put
from .placing import put_along_axis as put_along_axis
from .placing import putmask as putmask
from .products import convolve as convolve
from .products import correlate as correlate
from .products import cross as cross
from .products import dot as dot
from .products import einsum as einsum
from .products import einsum_path as einsum_path
from .products import inner as inner
from .products import kron as kron
from .products import matmul as matmul
from .products import matrix_power as matrix_power
from .products import matvec as matvec
from .products import multi_dot as multi_dot
from .products import outer as outer
from .products import tensordot as tensordot
from .products import trace as trace
from .products import vdot as vdot
from .products import vecdot as vecdot
from .products import vecmat as vecmat
from .sets import ediff1d as ediff1d
from .sets import intersect1d as intersect1d
from .sets import isin as isin
from .sets import setdiff1d as setdiff1d
from .sets import setxor1d as setxor1d
from .sets import union1d as union1d
from .sets import unique as unique
from .sets import unique_all as unique_all
from .sets import unique_counts as unique_counts
from .sets import unique_inverse as unique_inverse
from .sets import unique_values as unique_values
from .shaping import array_split as array_split
from .shaping import atleast_1d as atleast_1d
from .shaping import atleast_2d as atleast_2d
from .shaping import atleast_3d as atleast_3d
from .shaping import broadcast_arrays as broadcast_arrays
from .shaping import broadcast_to as broadcast_to
from .shaping import compress as compress
from .shaping import copy as copy
from .shaping import delete as delete
from .shaping import diag as diag
from .shaping import diagflat as diagflat
from .shaping import diagonal as diagonal
from .shaping import dsplit as dsplit
from .shaping import expand_dims as expand_dims
from .shaping import extract as extract
from .shaping import flip as flip
from .shaping import fliplr as fliplr
from .shaping import flipud as flipud
from .shaping import hsplit as hsplit
from .shaping import matrix_transpose as matrix_transpose
from .shaping import meshgrid as meshgrid
from .shaping import moveaxis as moveaxis
from .shaping import ravel as ravel
from .shaping import repeat as repeat
from .shaping import reshape as reshape
from .shaping import resize as resize
from .shaping import roll as roll
from .shaping import rollaxis as rollaxis
from .shaping import rot90 as rot90
from .shaping import sliding_window_view as sliding_window_view
from .shaping import split as split
from .shaping import squeeze as squeeze
from .shaping import swapaxes as swapaxes
from .shaping import take as take
from .shaping import take_along_axis as take_along_axis
from .shaping import tile as tile
from .shaping import transpose as permute_dims
from .shaping import transpose as transpose
from .shaping import tril as tril
from .shaping import triu as triu
from .shaping import unstack as unstack
from .shaping import vsplit as vsplit
from .statistics import histogram as histogram
from .statistics import histogram_bin_edges as histogram_bin_edges
from .statistics import interp as interp
from .statistics import median as median
from .statistics import percentile as percentile
from .statistics import quantile as quantile
from .threads import get_num_threads as get_num_threads
from .threads import set_num_threads as set_num_threads

__all__ = [
    "Events",
    "FileError",
    "FixedArray",
    "FixedOverflowError",
    "Format",
    "FormatError",
    "MatmulPlan",
    "Overflow",
    "Rounding",
    "abs",
    "absolute",
    "add",
    "all",
    "allclose",
    "any",
    "append",
    "arange",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "argwhere",
    "array",
    "array_equal",
    "array_equiv",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "block",
    "broadcast_arrays",
    "broadcast_to",
    "ceil",
    "choose",
    "clip",
    "column_stack",
    "compress",
    "concatenate",
    "convolve",
    "copy",
    "copyto",
    "correlate",
    "count_nonzero",
    "cross",
    "cumprod",
    "cumsum",
    "delete",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "digitize",
    "divide",
    "divmod",
    "dot",
    "dsplit",
    "dstack",
    "ediff1d",
    "einsum",
    "einsum_path",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "expand_dims",
    "explain_matmul",
    "extract",
    "eye",
    "fill_diagonal",
    "flatnonzero",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "from_bits",
    "from_mem",
    "full",
    "full_like",
    "full_precision",
    "get_num_threads",
    "greater",
    "greater_equal",
    "histogram",
    "histogram_bin_edges",
    "hsplit",
    "hstack",
    "inner",
    "insert",
    "interp",
    "intersect1d",
    "invert",
    "isclose",
    "isin",
    "kron",
    "left_shift",
    "less",
    "less_equal",
    "lexsort",
    "linear_combination",
    "linspace",
    "load",
    "log",
    "logsumexp",
    "matmul",
    "matrix_power",
    "matrix_transpose",
    "matvec",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "moveaxis",
    "multi_dot",
    "multiply",
    "negative",
    "nonzero",
    "not_equal",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "partition",
    "percentile",
    "permute_dims",
    "place",
    "positive",
    "power",
    "prod",
    "ptp",
    "put",
    "put_along_axis",
    "putmask",
    "quantile",
    "random",
    "ravel",
    "record",
    "remainder",
    "repeat",
    "reshape",
    "resize",
    "right_shift",
    "roll",
    "rollaxis",
    "rot90",
    "round",
    "save",
    "searchsorted",
    "seed",
    "seeded",
    "select",
    "set_num_threads",
    "setdiff1d",
    "setxor1d",
    "sigmoid",
    "sign",
    "sliding_window_view",
    "softmax",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tanh",
    "tensordot",
    "tile",
    "to_mem",
    "trace",
    "transpose",
    "tril",
    "trim_zeros",
    "triu",
    "trunc",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "unstack",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "vsplit",
    "vstack",
    "where",
    "zeros",
    "zeros_like",
]
__version__: str
