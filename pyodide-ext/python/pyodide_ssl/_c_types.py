"""Makes classes behave as the types that ``_ssl.c`` makes with ``PyType_FromSpec``: immutable, named with their module, without
a way in for who may not make instances.

Python has no words for that, so fields of the type object are set where they lie in memory, with ``_ctypes``. First it is
verified that they lie there; if not, nothing is touched, and the classes refuse what Python can refuse
(docs/decisions/0008-types-of-c.md).
"""

import sys
import types

try:
    import _ctypes
except ImportError:
    _ctypes = None

# Where PyTypeObject has these fields, in words: Include/cpython/object.h.
_NAME, _BASIC_SIZE, _FLAGS, _BASE, _INIT, _ALLOC, _NEW = 3, 4, 21, 32, 37, 38, 39

# Include/object.h.
_DISALLOW_INSTANTIATION, _IMMUTABLE, _BASE_TYPE = 1 << 7, 1 << 8, 1 << 10

# What `class` leaves in a namespace, and types of C have not.
_TRACES = ("__slots__", "__static_attributes__", "__firstlineno__")

# The memory of names that types go by: it has to stay.
_names = []


def c_type(cls, *, can_be_base=False, can_be_called=True):
    """Give *cls* the ways of a type of C; answers how its instances are looked into and made.

    The class has one slot, ``_state``, which holds what the C struct would. It goes out of sight, so that a subclass may have
    an attribute of that name. The answer is ``(state, new)``: ``state(instance)`` is what ``new(state)`` or, for a subclass,
    ``new(state, subclass)`` has put there. Only ``new`` makes an instance when *can_be_called* is false.
    """
    slot = vars(cls)["_state"]
    put = slot.__set__
    _describe_methods(cls)
    if _is_memory_understood():
        allocate = _become(cls, can_be_base, can_be_called)
    else:
        allocate = _imitate(cls, can_be_base, can_be_called)

    def new(state, kind=cls):
        self = allocate(kind)
        put(self, state)
        return self

    return slot.__get__, new


def plain_c_type(cls, *, can_be_base=True):
    """The same for a class that can be called, and has slots of its own or nothing inside."""
    _describe_methods(cls)
    if _is_memory_understood():
        _become(cls, can_be_base, can_be_called=True)
    elif not can_be_base:
        _imitate(cls, can_be_base, can_be_called=True)


def _become(cls, can_be_base, can_be_called):
    _free_of_traces(cls)
    name = _field(cls, _NAME, "z")
    name.value = f"{cls.__module__}.{cls.__name__}".encode()
    _names.append(name)
    flags = _field(cls, _FLAGS)
    flags.value |= _IMMUTABLE
    if not can_be_base:
        flags.value &= ~_BASE_TYPE
    if can_be_called:
        return object.__new__
    flags.value |= _DISALLOW_INSTANTIATION
    _field(cls, _NEW).value = 0
    return _allocator(cls)


def _imitate(cls, can_be_base, can_be_called):
    def refuse_subclass(*args, **kwargs):
        raise TypeError(f"type '{cls.__module__}.{cls.__name__}' is not an acceptable base type")

    def refuse_instance(*args, **kwargs):
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__name__}' instances")

    if not can_be_base:
        cls.__init_subclass__ = refuse_subclass
    if not can_be_called:
        cls.__new__ = refuse_instance
    return object.__new__


def _free_of_traces(cls):
    for name in ("_state", *_TRACES):
        if name in vars(cls):
            delattr(cls, name)


def c_function(function):
    """Decorator: give *function* what a function of ``_ssl`` shows of itself."""
    function.__module__ = "_ssl"
    function.__self__ = sys.modules["_ssl"]
    _describe(function, "$module")
    return function


def _describe_methods(cls):
    for function in vars(cls).values():
        if isinstance(function, types.FunctionType):
            _describe(function, "$self")


def _describe(function, owner):
    """``__text_signature__`` as Argument Clinic writes it."""
    code = function.__code__
    function.__text_signature__ = None
    if code.co_flags & 0x0C:  # *args or **kwargs: Clinic has not made it.
        return
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    defaults = dict(zip(reversed(names[: code.co_argcount]), reversed(function.__defaults__ or ()), strict=False))
    defaults |= function.__kwdefaults__ or {}
    words = [] if names[:1] == ("self",) else [owner] if code.co_posonlyargcount else [owner, "/"]
    for index, name in enumerate(names):
        if index == code.co_argcount:
            words.append("*")
        word = owner if name == "self" else name
        words.append(f"{word}={defaults[name]!r}" if name in defaults else word)
        if index + 1 == code.co_posonlyargcount:
            words.append("/")
    function.__text_signature__ = f"({', '.join(words)})"


# Memory


def _simple(code):
    return type(f"_{code}", (_ctypes._SimpleCData,), {"_type_": code})


def _field(cls, index, code="L"):
    kind = _simple(code)
    return kind.from_address(id(cls) + index * _ctypes.sizeof(kind))


def _allocator(cls):
    """``tp_alloc`` of *cls*: what is left to make instances when there is no ``tp_new``."""
    thing = _simple("O")
    fields = {
        "_flags_": _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI,
        "_restype_": thing,
        "_argtypes_": (thing, _simple("l")),
    }
    allocate = type("_Allocate", (_ctypes.CFuncPtr,), fields)(_field(cls, _ALLOC).value)
    return lambda cls: allocate(cls, 0)


def _is_memory_understood():
    global _understood
    if _understood is None:
        _understood = _ctypes is not None and _verify()
    return _understood


_understood = None


def _verify():
    """Whether the fields are where they are looked for: shown by types that differ in them in known ways."""

    class Parent:
        __slots__ = ("slot",)

    class Child(Parent, metaclass=type("Meta", (type,), {})):
        def __new__(cls):
            raise TypeError

        def __init__(self):
            raise TypeError

    return (
        _ctypes.sizeof(_simple("L")) == _ctypes.sizeof(_simple("z"))
        and all(
            _field(cls, _FLAGS).value == cls.__flags__
            and _field(cls, _BASIC_SIZE).value == cls.__basicsize__
            and _field(cls, _BASE).value == id(cls.__base__)
            and _field(cls, _NAME, "z").value == cls.__name__.encode()
            for cls in (type, int, OSError, Parent, Child)
        )
        and Parent.__flags__ & (_IMMUTABLE | _DISALLOW_INSTANTIATION | _BASE_TYPE) == _BASE_TYPE
        # All classes have one tp_alloc; it lies between two fields in which these differ.
        and _INIT + 1 == _ALLOC == _NEW - 1
        and _field(Parent, _INIT).value == _field(object, _INIT).value != _field(Child, _INIT).value
        and _field(Parent, _NEW).value == _field(object, _NEW).value != _field(Child, _NEW).value
        and _field(Parent, _ALLOC).value == _field(Child, _ALLOC).value == _field(object, _ALLOC).value != 0
    )
