"""NumPy as an Array API namespace (2025.12): its own functions, and a few whose meaning differs."""

from __future__ import annotations

from typing import Any

import numpy as np

from accel.composition import parts
from accel_numpy import _creation, _data_type, _elementwise, _info, _manipulation, _searching, _statistical
from accel_numpy import door as __accel__  # noqa: F401  (read by accel)
from accel_numpy import fft as fft
from accel_numpy import linalg as linalg
from accel_numpy._bfloat16 import by_float32

__array_api_version__ = "2025.12"
__array_namespace_info__ = _info.Info

# Constants

e = np.e
inf = np.inf
nan = np.nan
newaxis = np.newaxis
pi = np.pi

# Dtypes

bool = np.bool
complex64 = np.complex64
complex128 = np.complex128
float16 = np.float16
float32 = np.float32
float64 = np.float64
int8 = np.int8
int16 = np.int16
int32 = np.int32
int64 = np.int64
uint8 = np.uint8
uint16 = np.uint16
uint32 = np.uint32
uint64 = np.uint64


_part = parts(__name__)


# NumPy has no bfloat16; ml_dtypes adds one, and is imported only by those who ask for it.
def __getattr__(name: str) -> Any:
    if name == "bfloat16":
        try:
            import ml_dtypes
        except ImportError as error:
            raise AttributeError(
                "accel_numpy has no dtype 'bfloat16' without the package that adds it to NumPy; "
                "install it with: pip install ml_dtypes"
            ) from error
        return ml_dtypes.bfloat16
    return _part(name)


# Creation

arange = _creation.arange
asarray = _creation.asarray
empty = np.empty
empty_like = np.empty_like
eye = np.eye
from_dlpack = np.from_dlpack
full = _creation.full
full_like = _creation.full_like
linspace = np.linspace
meshgrid = _creation.meshgrid
ones = np.ones
ones_like = np.ones_like
tril = _creation.tril
triu = _creation.triu
zeros = np.zeros
zeros_like = np.zeros_like

# Data type

astype = _data_type.astype
can_cast = np.can_cast
finfo = _data_type.finfo
iinfo = _data_type.iinfo
isdtype = _data_type.isdtype
result_type = np.result_type

# Elementwise

abs = np.abs
acos = np.acos
acosh = np.acosh
add = np.add
asin = np.asin
asinh = np.asinh
atan = np.atan
atan2 = np.atan2
atanh = np.atanh
bitwise_and = np.bitwise_and
bitwise_invert = np.bitwise_invert
bitwise_left_shift = np.bitwise_left_shift
bitwise_or = np.bitwise_or
bitwise_right_shift = np.bitwise_right_shift
bitwise_xor = np.bitwise_xor
ceil = np.ceil
clip = _elementwise.clip
conj = np.conj
copysign = np.copysign
cos = np.cos
cosh = np.cosh
divide = np.divide
equal = np.equal
exp = np.exp
expm1 = _elementwise.expm1
floor = np.floor
floor_divide = _elementwise.floor_divide
greater = _elementwise.ordered(np.greater)
greater_equal = _elementwise.ordered(np.greater_equal)
hypot = np.hypot
imag = np.imag
isfinite = np.isfinite
isinf = np.isinf
isnan = np.isnan
less = _elementwise.ordered(np.less)
less_equal = _elementwise.ordered(np.less_equal)
log = np.log
log1p = _elementwise.log1p
log2 = np.log2
log10 = np.log10
logaddexp = np.logaddexp
logical_and = _elementwise.logical(np.logical_and)
logical_not = np.logical_not
logical_or = _elementwise.logical(np.logical_or)
logical_xor = _elementwise.logical(np.logical_xor)
maximum = _elementwise.ordered(np.maximum)
minimum = _elementwise.ordered(np.minimum)
multiply = np.multiply
negative = np.negative
nextafter = _elementwise.nextafter
not_equal = np.not_equal
positive = np.positive
pow = _elementwise.pow
real = np.real
reciprocal = _elementwise.reciprocal
remainder = np.remainder
round = _elementwise.round
sign = by_float32(_elementwise.sign)  # in bfloat16 -0 would stay
signbit = np.signbit
sin = np.sin
sinh = np.sinh
sqrt = np.sqrt
square = np.square
subtract = np.subtract
tan = _elementwise.tan
tanh = _elementwise.tanh
trunc = np.trunc

# Indexing

take = _searching.take
take_along_axis = _searching.take_along_axis

# Linear algebra

matmul = np.matmul
matrix_transpose = np.matrix_transpose
tensordot = np.tensordot
vecdot = np.vecdot

# Manipulation

broadcast_arrays = np.broadcast_arrays
broadcast_shapes = np.broadcast_shapes
broadcast_to = np.broadcast_to
concat = np.concat
expand_dims = np.expand_dims
flip = np.flip
moveaxis = np.moveaxis
permute_dims = np.permute_dims
repeat = np.repeat
reshape = _manipulation.reshape
roll = np.roll
squeeze = np.squeeze
stack = np.stack
tile = np.tile
unstack = np.unstack

# Searching

argmax = _elementwise.ordered(np.argmax)
argmin = _elementwise.ordered(np.argmin)
count_nonzero = np.count_nonzero
nonzero = np.nonzero
searchsorted = by_float32(_searching.searchsorted)
where = _searching.where

# Set

isin = by_float32(np.isin)
unique_all = by_float32(np.unique_all)
unique_counts = by_float32(np.unique_counts)
unique_inverse = by_float32(np.unique_inverse)
unique_values = by_float32(_searching.unique_values)

# Sorting

argsort = by_float32(_searching.argsort)
sort = by_float32(_searching.sort)

# Statistical

cumulative_prod = _statistical.cumulative_prod
cumulative_sum = _statistical.cumulative_sum
max = _elementwise.ordered(np.max)
mean = _statistical.mean
min = _elementwise.ordered(np.min)
prod = _statistical.prod
std = _statistical.std
sum = _statistical.sum
var = _statistical.var

# Utility

all = np.all
any = np.any
diff = _statistical.diff
