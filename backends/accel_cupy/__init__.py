"""CuPy as an Array API namespace (2025.12): its own functions, and a few whose meaning differs."""

from __future__ import annotations

import cupy as cp
from accel_numpy._bfloat16 import by_float32

from accel.composition import parts
from accel_cupy import (
    _creation,
    _data_type,
    _device,
    _elementwise,
    _info,
    _manipulation,
    _searching,
    _statistical,
)
from accel_cupy import door as __accel__  # noqa: F401  (read by accel)
from accel_cupy import fft as fft
from accel_cupy import linalg as linalg
from accel_cupy._refusal import refusing

__getattr__ = parts(__name__)
__array_api_version__ = "2025.12"
__array_namespace_info__ = _info.Info

# Constants

e = cp.e
inf = cp.inf
nan = cp.nan
newaxis = cp.newaxis
pi = cp.pi

# Data types

bool = cp.bool_
complex64 = cp.complex64
complex128 = cp.complex128
float16 = cp.float16
float32 = cp.float32
float64 = cp.float64
int8 = cp.int8
int16 = cp.int16
int32 = cp.int32
int64 = cp.int64
uint8 = cp.uint8
uint16 = cp.uint16
uint32 = cp.uint32
uint64 = cp.uint64

# CuPy has bfloat16 where ml_dtypes is installed, and no name for it.
if _elementwise.BFLOAT16 is not None:
    bfloat16 = _elementwise.BFLOAT16

# Creation

arange = _creation.arange
asarray = _creation.asarray
empty = _creation.empty
empty_like = _creation.empty_like
eye = _creation.eye
from_dlpack = _creation.from_dlpack
full = _creation.full
full_like = _creation.full_like
linspace = _creation.linspace
meshgrid = _manipulation.meshgrid
ones = _creation.ones
ones_like = _creation.ones_like
tril = _creation.tril
triu = _creation.triu
zeros = _creation.zeros
zeros_like = _creation.zeros_like

# Data type

astype = _data_type.astype
can_cast = _data_type.can_cast
finfo = _data_type.finfo
iinfo = _data_type.iinfo
isdtype = _data_type.isdtype
result_type = cp.result_type

# Elementwise

abs = cp.abs
acos = cp.acos
acosh = _elementwise.acosh
add = cp.add
asin = cp.asin
asinh = cp.asinh
atan = cp.atan
atan2 = _elementwise.atan2
atanh = cp.atanh
bitwise_and = cp.bitwise_and
bitwise_invert = cp.bitwise_invert
bitwise_left_shift = _elementwise.bitwise_left_shift
bitwise_or = cp.bitwise_or
bitwise_right_shift = _elementwise.bitwise_right_shift
bitwise_xor = cp.bitwise_xor
ceil = cp.ceil
clip = refusing("bc", _elementwise.clip)
conj = cp.conj
copysign = _elementwise.copysign
cos = cp.cos
cosh = cp.cosh
divide = _elementwise.divide
equal = _elementwise.equal
exp = cp.exp
expm1 = _elementwise.expm1
floor = cp.floor
floor_divide = _elementwise.floor_divide
greater = refusing("c", _elementwise.greater)
greater_equal = refusing("c", _elementwise.greater_equal)
hypot = _elementwise.hypot
imag = cp.imag
isfinite = cp.isfinite
isinf = cp.isinf
isnan = cp.isnan
less = refusing("c", _elementwise.less)
less_equal = refusing("c", _elementwise.less_equal)
log = _elementwise.log
log1p = _elementwise.log1p
log2 = _elementwise.log2
log10 = _elementwise.log10
logaddexp = cp.logaddexp
logical_and = _elementwise.logical_and
logical_not = _elementwise.logical_not
logical_or = _elementwise.logical_or
logical_xor = _elementwise.logical_xor
maximum = refusing("c", cp.maximum)
minimum = refusing("c", cp.minimum)
multiply = cp.multiply
negative = cp.negative
nextafter = _elementwise.nextafter
not_equal = _elementwise.not_equal
positive = cp.positive
pow = _elementwise.pow
real = cp.real
reciprocal = refusing("biu", cp.reciprocal)
remainder = _elementwise.remainder
round = refusing("b", _elementwise.round)
sign = _elementwise.sign
signbit = cp.signbit
sin = cp.sin
sinh = cp.sinh
sqrt = cp.sqrt
square = cp.square
subtract = cp.subtract
tan = _elementwise.tan
tanh = _elementwise.tanh
trunc = cp.trunc

# Indexing

take = _manipulation.take
take_along_axis = _manipulation.take_along_axis

# Linear algebra

matmul = linalg.matmul
matrix_transpose = cp.matrix_transpose
tensordot = linalg.tensordot
vecdot = linalg.vecdot

# Manipulation

broadcast_arrays = _manipulation.broadcast_arrays
broadcast_shapes = cp.broadcast_shapes
broadcast_to = _manipulation.broadcast_to
concat = _manipulation.concat
expand_dims = cp.expand_dims
flip = cp.flip
moveaxis = cp.moveaxis
permute_dims = cp.permute_dims
repeat = _manipulation.repeat
reshape = _manipulation.reshape
roll = cp.roll
squeeze = cp.squeeze
stack = cp.stack
tile = cp.tile
unstack = _manipulation.unstack

# Searching

argmax = refusing("c", _searching.argmax)
argmin = refusing("c", _searching.argmin)
count_nonzero = _searching.count_nonzero
nonzero = cp.nonzero
searchsorted = refusing("c", by_float32(_searching.searchsorted))
where = by_float32(cp.where)

# Set

isin = by_float32(_searching.isin)
unique_all = by_float32(cp.unique_all)
unique_counts = by_float32(cp.unique_counts)
unique_inverse = by_float32(cp.unique_inverse)
unique_values = by_float32(cp.unique_values)

# Sorting

argsort = refusing("c", by_float32(_searching.argsort))
sort = refusing("c", by_float32(_searching.sort))

# Statistical

cumulative_prod = _statistical.cumulative_prod
cumulative_sum = _statistical.cumulative_sum
max = refusing("c", cp.max)
mean = _statistical.mean
min = refusing("c", cp.min)
prod = _statistical.prod
std = refusing("c", _statistical.std)
sum = _statistical.sum
var = refusing("c", _statistical.var)

# Utility

all = cp.all
any = cp.any
diff = cp.diff

# With one GPU the namespace stays native.
if _device.several():
    _device.guard(globals())
