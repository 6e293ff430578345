"""JAX as an Array API namespace, owner of every ``jax.Array`` and tracer.

Each op goes through a guard, because JAX narrows 64-bit data unless it is told not to (``_x64.py``), and
computes in the dtypes that NumPy's promotion gives (``_promotion.py``). Where that is the only difference a
line reads ``add = binary(jnp.add, np.add)``, the native function and the NumPy one whose dtypes it takes, or
``flip = wide(jnp.flip)``. The bodies of the deviations are in the files of their chapters, each under the one
comment that gives its reason.
"""

from __future__ import annotations

import math

from accel_jax._memory import made_room as made_room  # isort: skip  (before JAX starts)

import jax.numpy as jnp
import ml_dtypes
import numpy as np

from accel.composition import parts
from accel_jax import (
    _complex,
    _creation,
    _data_type,
    _elementwise,
    _info,
    _manipulation,
    _promotion,
    _searching,
    _statistical,
)
from accel_jax import door as __accel__  # noqa: F401  (read by accel)
from accel_jax import fft as fft
from accel_jax import linalg as linalg
from accel_jax._elementwise import comparison, folded, logical, truthful
from accel_jax._kernel import binary, unary
from accel_jax._promotion import NARROW
from accel_jax._x64 import wide

__getattr__ = parts(__name__)
__array_api_version__ = "2025.12"
__array_namespace_info__ = _info.Info

# Constants

e = math.e
inf = math.inf
nan = math.nan
newaxis = None
pi = math.pi

# Dtypes

bfloat16 = ml_dtypes.bfloat16
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
meshgrid = _creation.meshgrid
ones = _creation.ones
ones_like = _creation.ones_like
tril = _creation.tril
triu = _creation.triu
zeros = _creation.zeros
zeros_like = _creation.zeros_like

# Data type

astype = _creation.astype
can_cast = _data_type.can_cast
finfo = _data_type.finfo
iinfo = _data_type.iinfo
isdtype = jnp.isdtype
result_type = _promotion.result_type

# Elementwise

abs = unary(_elementwise.abs, np.absolute)
acos = unary(_complex.acos, np.arccos)
acosh = unary(_complex.acosh, np.arccosh)
add = binary(jnp.add, np.add)
asin = unary(_complex.asin, np.arcsin)
asinh = unary(_complex.asinh, np.arcsinh)
atan = unary(_complex.atan, np.arctan)
atan2 = binary(jnp.atan2, np.arctan2)
atanh = unary(_complex.atanh, np.arctanh)
bitwise_and = binary(jnp.bitwise_and, np.bitwise_and)
bitwise_invert = unary(jnp.bitwise_invert, np.invert)
bitwise_left_shift = binary(jnp.bitwise_left_shift, np.left_shift)
bitwise_or = binary(jnp.bitwise_or, np.bitwise_or)
bitwise_right_shift = binary(jnp.bitwise_right_shift, np.right_shift)
bitwise_xor = binary(jnp.bitwise_xor, np.bitwise_xor)
ceil = unary(jnp.ceil, np.ceil)
clip = _elementwise.clip
conj = unary(jnp.conj, np.conjugate)
copysign = binary(jnp.copysign, np.copysign)
cos = unary(_complex.cos, np.cos)
cosh = unary(_complex.cosh, np.cosh)
divide = binary(_elementwise.divide, np.divide)
equal = binary(comparison(jnp.equal), np.equal, scalars=folded)
exp = unary(_complex.exp, np.exp)
expm1 = unary(_complex.expm1, np.expm1)
floor = unary(jnp.floor, np.floor)
floor_divide = binary(_elementwise.floor_divide, np.floor_divide)
greater = binary(comparison(jnp.greater), np.greater, refused="c", scalars=folded)
greater_equal = binary(comparison(jnp.greater_equal), np.greater_equal, refused="c", scalars=folded)
hypot = binary(_elementwise.hypot, np.hypot)
imag = unary(jnp.imag, np.isfinite)
isfinite = unary(jnp.isfinite, np.isfinite)
isinf = unary(jnp.isinf, np.isinf)
isnan = unary(jnp.isnan, np.isnan)
less = binary(comparison(jnp.less), np.less, refused="c", scalars=folded)
less_equal = binary(comparison(jnp.less_equal), np.less_equal, refused="c", scalars=folded)
log = unary(_complex.log, np.log)
log10 = unary(_complex.log10, np.log10)
log1p = unary(_complex.log1p, np.log1p)
log2 = unary(_complex.log2, np.log2)
logaddexp = binary(_elementwise.logaddexp, np.logaddexp)
logical_and = truthful(binary(logical(jnp.logical_and), np.equal))
logical_not = unary(logical(jnp.logical_not), np.logical_not)
logical_or = truthful(binary(logical(jnp.logical_or), np.equal))
logical_xor = truthful(binary(logical(jnp.logical_xor), np.equal))
maximum = binary(jnp.maximum, np.maximum, refused="c")
minimum = binary(jnp.minimum, np.minimum, refused="c")
multiply = binary(jnp.multiply, np.multiply)
negative = unary(jnp.negative, np.negative)
nextafter = binary(_elementwise.nextafter, np.nextafter)
not_equal = binary(comparison(jnp.not_equal), np.not_equal, scalars=folded)
positive = unary(jnp.positive, np.positive)
pow = binary(_elementwise.pow, np.power)
real = unary(jnp.real, np.isfinite)
reciprocal = unary(jnp.reciprocal, np.reciprocal, refused="biu")
remainder = binary(_elementwise.remainder, np.remainder)
round = unary(jnp.round, np.positive)
sign = unary(_elementwise.sign, np.sign)
signbit = unary(jnp.signbit, np.signbit)
sin = unary(_complex.sin, np.sin)
sinh = unary(_complex.sinh, np.sinh)
sqrt = unary(_complex.sqrt, np.sqrt)
square = unary(jnp.square, np.square)
subtract = binary(jnp.subtract, np.subtract)
tan = unary(_complex.tan, np.tan)
tanh = unary(_complex.tanh, np.tanh)
trunc = unary(jnp.trunc, np.trunc)

# Indexing

take = _searching.take
take_along_axis = wide(jnp.take_along_axis, keeps=NARROW)

# Linear algebra

matmul = linalg.matmul
matrix_transpose = linalg.matrix_transpose
tensordot = linalg.tensordot
vecdot = linalg.vecdot

# Manipulation

broadcast_arrays = _manipulation.broadcast_arrays
broadcast_shapes = jnp.broadcast_shapes
broadcast_to = wide(jnp.broadcast_to, keeps=NARROW)
concat = _manipulation.concat
expand_dims = _manipulation.expand_dims
flip = wide(jnp.flip, keeps=NARROW)
moveaxis = _manipulation.moveaxis
permute_dims = _manipulation.permute_dims
repeat = _manipulation.repeat
reshape = _manipulation.reshape
roll = wide(jnp.roll, keeps=NARROW)
squeeze = wide(jnp.squeeze, keeps=NARROW)
stack = _manipulation.stack
tile = _manipulation.tile
unstack = wide(jnp.unstack, keeps=NARROW)

# Searching

argmax = _searching.argmax
argmin = _searching.argmin
count_nonzero = _searching.count_nonzero
nonzero = _searching.nonzero
searchsorted = _searching.searchsorted
where = _searching.where

# Set

isin = _searching.isin
unique_all = _searching.unique_all
unique_counts = _searching.unique_counts
unique_inverse = _searching.unique_inverse
unique_values = _searching.unique_values

# Sorting

argsort = _searching.argsort
sort = _searching.sort

# Statistical

cumulative_prod = _statistical.cumulative_prod
cumulative_sum = _statistical.cumulative_sum
max = _statistical.max
mean = _statistical.mean
min = _statistical.min
prod = _statistical.prod
std = _statistical.std
sum = _statistical.sum
var = _statistical.var

# Utility

all = _statistical.all
any = _statistical.any
diff = _statistical.diff
