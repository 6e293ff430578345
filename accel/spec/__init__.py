"""What each op means: one file per chapter of the standard, with signature, docstring and facts, and no arithmetic.

Below is what concerns no op more than others, in the syntax of the ops' own docstrings (`accel.testing.ledger` reads it). ``tiny``
is the smallest normal number of a dtype. What stands here without a function is about the libraries' own operators and arrays, which
accel neither wraps nor patches.

Settled by accel::

    add(int8([1]), float32([1.0])) -> float32([2.0]); checked raises DTypeError    # small integers with float32
    add(int32([2**24 + 1]), float32([0.0])) -> float64([16777217.0]); checked raises DTypeError
        # larger integers with float32
    multiply(int64([2]), complex64([1j])) -> complex128([2j]); checked raises DTypeError    # integers with complex64
    add(uint64([2**63]), int64([-1])) -> float64([9223372036854775808.0]); checked raises DTypeError
        # uint64 with signed integers
    add(bool([True]), int8([1])) -> int8([2]); checked raises DTypeError    # booleans with integers
    where(bool([True, False]), int64([1]), float32([0.5])) -> float64([1.0, 0.5]); checked raises DTypeError
        # mixed kinds in where
    concat([int32([1]), float32([0.5])]) -> float64([1.0, 0.5]); checked raises DTypeError    # mixed kinds in concat
    add(float64(1.0), float32([1.0])) -> float64([2.0])    # an array without axes promotes like any other
    add(float32([1.0]), 0.1) -> float32([1.100000023841858])    # a Python number takes the dtype of the array
    add(int8([1]), 128) -> raises OverflowError    # Python integer out of range in arithmetic
    less(int8([1]), 128) -> bool([True])    # Python integer out of range in a comparison
    where(bool([True]), uint8([1]), 300) -> raises OverflowError    # Python integer out of range in a selection
    log(float64([-1.0])) -> float64([nan]); checked raises NaNError    # nan from operands that are none
    equal(float32([tiny / 4]), 0.0) -> left open: XLA and CuPy flush subnormal numbers to zero    # subnormal operands
    multiply(float32([tiny]), 0.25) -> left open: XLA and CuPy flush subnormal numbers to zero    # subnormal results
    equal(float64([tiny / 4]), 0.0) -> left open: XLA flushes subnormal numbers to zero
        # subnormal operands in double precision
    signbit(multiply(float64([nan]), -1.0)) -> left open: the sign and the payload of a nan are the device's
        # sign of a nan
    sum(float64([1.0]), axis=5) -> raises AxisError    # an axis that there is not, the same error everywhere
    float64([-0.0]) ** 0.5
        -> left open: NumPy's operator takes the square root, its function and the other libraries the power
        # operator **
    int64([7]) // int64([0]) -> left open: write floor_divide    # operator // by zero
    float64([1.0]) // 0.1 -> left open: write floor_divide    # operator // of floats
    float64([1.0]) % inf -> left open: write remainder    # operator % by infinity
    int32([7]) + float32([1.0]) -> left open: operators promote by the library's own table; write add
        # operators of mixed kinds
    uint8([1]) + 300 -> left open: the library wraps or raises; write add
        # operator with a Python integer out of range
    int8([127]) < 300 -> left open: the library wraps or compares exactly; write less
        # operator comparing with a Python integer out of range
    int64([2]) ** -1 -> left open: write pow    # operator ** with a negative integer
    float64([1.0, 2.0])[7] -> left open: JAX clamps a position, the others raise; write take    # an index out of bounds
    float64([1.0, 2.0])[int64([7])] -> left open: NumPy raises, JAX clamps, CuPy wraps; write take
        # an index array out of bounds
    float64([1.0, 2.0])[[0, 1]] -> left open: JAX takes no list for an index; write take    # a list for an index
    x[i] = v -> left open: JAX arrays cannot be written to; write where
    x += y -> left open: it writes to every alias in NumPy and CuPy, and makes a new array in JAX; write x = add(x, y)
    a view sees what is written to its base, or not
        -> left open: it does in NumPy and CuPy; write to no array that has views
    float(x) of an array with an axis -> left open: the libraries differ by version; take an element with [0] first
    operators on 64-bit JAX arrays outside accel.x64()
        -> left open: JAX narrows them by its own rules; write the function
    a product and a sum in one compiled function
        -> left open: XLA and CUDA may skip the rounding in between; each op alone keeps its bits
    a number instead of an array without axes
        -> left open: NumPy's reductions give its scalar classes, which accel takes as arrays
    last bits of bounded and conditioned ops -> left open: libraries, CPUs and devices differ within the bound of the op
    nonzero, unique_all, unique_counts, unique_inverse and unique_values in a compiled function
        -> left open: the shape of their results depends on values; call them outside
    memory order of a result -> left open: NumPy's strides follow its operands, JAX has none
"""
