"""How ``_ssl``'s functions take their arguments: Argument Clinic's converters and getset descriptors, as far as they show."""

import operator
import os

_INT_MAX, _LONG_MAX = 2**31 - 1, 2**63 - 1


def c_int(value):
    """A C int: format ``i``."""
    number = operator.index(value)
    if not -_LONG_MAX - 1 <= number <= _LONG_MAX:
        raise OverflowError("Python int too large to convert to C long")
    if number > _INT_MAX:
        raise OverflowError("signed integer is greater than maximum")
    if number < -_INT_MAX - 1:
        raise OverflowError("signed integer is less than minimum")
    return number


def clinic_int(value):
    """A C int as ``PyLong_AsInt`` converts it."""
    number = operator.index(value)
    if not -_INT_MAX - 1 <= number <= _INT_MAX:
        raise OverflowError("Python int too large to convert to C int")
    return number


def c_long(value):
    """A C long of 64 bits: format ``l``."""
    number = operator.index(value)
    if not -_LONG_MAX - 1 <= number <= _LONG_MAX:
        raise OverflowError("Python int too large to convert to C long")
    return number


def c_size(value):
    """A Py_ssize_t: format ``n``."""
    number = operator.index(value)
    if not -_LONG_MAX - 1 <= number <= _LONG_MAX:
        raise OverflowError("Python int too large to convert to C ssize_t")
    return number


# Include/object.h.
_IMMUTABLE = 1 << 8


def type_name(value):
    """How converters name the type of an argument that they refuse: ``tp_name``, which has the module for types of C."""
    if value is None:
        return "None"
    kind = type(value)
    if kind.__module__ == "builtins" or not kind.__flags__ & _IMMUTABLE:
        return kind.__name__
    return f"{kind.__module__}.{kind.__name__}"


def text(value, function, name):
    """A str without NUL that can be UTF-8: format ``s``."""
    if not isinstance(value, str):
        raise TypeError(f"{function}() argument {name}must be str, not {type_name(value)}")
    value.encode()
    if "\0" in value:
        raise ValueError("embedded null character")
    return value


def file_path(value, refusal=None):
    """``PyUnicode_FSConverter``; a TypeError has the text *refusal* when given."""
    try:
        path = os.fsdecode(os.fsencode(value))
    except TypeError:
        if refusal is None:
            raise
        raise TypeError(refusal) from None
    if "\0" in path:
        raise ValueError("embedded null byte")
    return path


def buffer(value):
    """A one-dimensional view of an object with the buffer protocol: ``y*``."""
    if isinstance(value, (bytes, bytearray)):
        return value
    try:
        view = memoryview(value)
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(value).__name__}'") from None
    if not view.contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    return view.cast("B")


class getset_descriptor(property):
    """A property whose refusals read as those of a C type's getset."""

    def __set_name__(self, owner, name):
        super().__set_name__(owner, name)
        self.name = name
        self.place = f"attribute '{name}' of '_ssl.{owner.__name__}' objects"

    def __repr__(self):
        return f"<{self.place}>"

    def setter(self, function):
        return type(self)(self.fget, function, None, self.__doc__)

    def __set__(self, instance, value):
        if self.fset is None:
            raise AttributeError(f"{self.place} is not writable")
        self.fset(instance, value)

    refusal_to_delete = None

    def __delete__(self, instance):
        if self.refusal_to_delete is not None:
            raise AttributeError(self.refusal_to_delete)
        if self.fset is None:
            raise AttributeError(f"{self.place} is not writable")
        kind = type(instance)
        # Setters that Argument Clinic makes name the type of the object, others the one that has the attribute.
        place = self.place if kind.__module__ == "_ssl" else f"attribute '{self.name}' of '{kind.__name__}' objects"
        raise AttributeError(f"{place} cannot be deleted")
