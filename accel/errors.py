"""Every error that accel raises on purpose, as one tree.

    AccelError
    ├── UnknownArrayError(TypeError)          no backend owns an argument
    ├── MixedBackendsError(TypeError)         arrays of two backends in one call
    ├── MixedDevicesError(ValueError)         arrays of two devices in one call
    ├── BackendUnavailableError(ImportError)  the backend cannot be loaded or used here
    ├── UnsupportedError(NotImplementedError) knowingly absent from a backend
    ├── PrecisionError(TypeError)             64-bit data would be narrowed
    ├── DeviceNotFoundError(ValueError)       no device of that name
    ├── DeviceMemoryError(MemoryError)        the device is full
    ├── TransferError(BufferError)            the move cannot be made as asked
    ├── DTypeError(TypeError)                 a dtype the op is not defined for
    ├── ShapeError(ValueError)                shapes that do not go together
    ├── AxisError(ValueError, IndexError)     an axis the array does not have
    ├── ArgumentError(ValueError, TypeError)  any other argument the op cannot take
    ├── TraceError(TypeError)                 a function that a compiler cannot trace
    │   in checked mode only (`accel.checked`):
    ├── OutOfBoundsError(IndexError)          an index the axis does not have
    ├── DivisionError(ZeroDivisionError)      an integer divided by zero
    ├── CastError(OverflowError)              a value the dtype cannot hold
    ├── SingularMatrixError(ValueError)       a matrix without an inverse
    ├── NotPositiveDefiniteError(ValueError)  a matrix without a Cholesky factor
    ├── KeyReuseError(ValueError)             a key of random numbers drawn from twice
    └── NaNError(FloatingPointError)          nan made of numbers

Each class is also the built-in that Python code would expect, so ``except ValueError`` keeps working.
Each message says what was got, what is known, and what to write instead.
"""


class AccelError(Exception):
    """Base of every error that accel raises on purpose."""


class UnknownArrayError(AccelError, TypeError):
    """No backend owns the class of an argument."""


class MixedBackendsError(AccelError, TypeError):
    """Arrays of more than one backend in one call."""


class MixedDevicesError(AccelError, ValueError):
    """Arrays on more than one device in one call."""


class BackendUnavailableError(AccelError, ImportError):
    """A backend that cannot be loaded, or finds no usable device, on this machine."""


class UnsupportedError(AccelError, NotImplementedError):
    """An op that a backend knowingly lacks."""


class PrecisionError(AccelError, TypeError):
    """64-bit data or results that this place could only hold in 32 bits."""


class DeviceNotFoundError(AccelError, ValueError):
    """A device name or object that matches no usable device."""


class DeviceMemoryError(AccelError, MemoryError):
    """A device without room for the result."""


class TransferError(AccelError, BufferError):
    """A move between backends or devices that cannot be made as asked."""


class DTypeError(AccelError, TypeError):
    """A dtype for which the op is not defined."""


class ShapeError(AccelError, ValueError):
    """Shapes that do not fit each other or the op."""


class AxisError(AccelError, ValueError, IndexError):
    """An axis that the array does not have."""


class ArgumentError(AccelError, ValueError, TypeError):
    """An argument that the op cannot take, for a reason none of the other errors names."""


class TraceError(AccelError, TypeError):
    """A function that needs the values of arrays that a compiler has yet to compute, or changes an array in place."""


class OutOfBoundsError(AccelError, IndexError):
    """An index that the axis does not have."""


class DivisionError(AccelError, ZeroDivisionError):
    """An integer divided by zero."""


class CastError(AccelError, OverflowError):
    """A value that the dtype asked for cannot hold."""


class SingularMatrixError(AccelError, ValueError):
    """A matrix that has no inverse within the precision of its dtype."""


class NotPositiveDefiniteError(AccelError, ValueError):
    """A matrix that has no Cholesky factor."""


class KeyReuseError(AccelError, ValueError):
    """A key of random numbers from which something was drawn before."""


class NaNError(AccelError, FloatingPointError):
    """A result that is nan though no operand is."""


class NotCompiledWarning(UserWarning):
    """A function that `accel.jit` runs as it is, because no compiler serves its device."""


class RetraceWarning(UserWarning):
    """A function that is compiled again and again."""
