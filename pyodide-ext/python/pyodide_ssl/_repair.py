"""References to what ``ssl``, ``socket`` and their kin were before: found wherever they are, and put right.

Modules that were imported before the installation have copied names (``from ssl import SSLContext``), built tuples of
exceptions, taken constants as defaults. The garbage collector knows who refers to an object, so that is whom we ask.

What stays as it was are classes of a program's that derive from ``socket.socket`` or ``ssl.SSLContext`` as they were: instances
of the old and the new have different layouts, and Python allows no change of the base then.
"""

import collections
import enum
import gc
import sys
import types

_MODULES = ("_thread", "threading", "_queue", "queue", "_socket", "select", "socket", "selectors", "_ssl", "ssl")
_BUILT_IN = ("_thread_builtin", "_socket_builtin", "_select_builtin")

_OURS = "pyodide_ssl"

# What refers to the class in whose namespace it is; and the maps of an enumeration, to its members.
_OF_CLASS = (
    types.BuiltinFunctionType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    dict,
)

# A tuple is replaced by a new one, whose holders are looked for in the next round: tuples in tuples end here.
_MAX_ROUNDS = 5


def repair(old, pairs):
    """Repair every reference to an object of *old*: the namespaces of the modules before, by the modules' names.

    *pairs* are further objects and what is to be in their place.
    """
    _repair_copied_constants(old)
    # The modules as they were stay as they were, also where they are kept under other names: our modules call them.
    namespaces = list(old.values())
    namespaces += [vars(module) for name, module in sys.modules.items() if name.startswith(_OURS) or name in _BUILT_IN]
    previous, successors = _renewed(old, pairs)
    parts = [*namespaces, *pairs, *_parts(previous)]
    gone = {id(part) for part in parts}
    _repair_tuples_of_asyncio(successors)
    previous = _held_elsewhere(previous, parts)
    for _ in range(_MAX_ROUNDS):
        if not previous:
            return
        previous, successors = _repair_holders(previous, successors, gone)
        previous = _held_elsewhere(previous, [])


def _repair_tuples_of_asyncio(successors):
    """The tuples at the top of its modules, which every Pyodide has imported. Each tuple that is left costs another round."""
    for module in [module for name, module in sys.modules.items() if name.startswith("asyncio.")]:
        namespace = vars(module)
        for key, value in list(namespace.items()):
            if type(value) is tuple and any(id(item) in successors for item in value):
                namespace[key] = tuple(_now(item, successors) for item in value)


def _renewed(old, pairs):
    """What has a successor of the same name: the objects as they were, and id -> the object now."""
    previous, successors = [], {}

    def add(value, new):
        if id(value) not in successors and new is not value:
            previous.append(value)
            successors[id(value)] = new

    for value, new in pairs:
        add(value, new)
    for name, namespace in old.items():
        now = vars(sys.modules[name])
        for key, value in namespace.items():
            if not _is_own(value) or key not in now:
                continue
            add(value, now[key])
            if isinstance(value, enum.EnumType) and isinstance(now[key], enum.EnumType):
                for member in value.__members__.keys() & now[key].__members__.keys():
                    add(value[member], now[key][member])
    return previous, successors


def _parts(previous):
    """What the classes, functions and members of enumerations among *previous* are made of, and goes with them."""
    parts = {}

    def add(*found):
        parts.update((id(part), part) for part in found)

    for value in previous:
        if isinstance(value, type):
            attributes = vars(value).values()
            add(value, *(part for part in gc.get_referents(value) if type(part) in (dict, tuple)))
            add(*(attribute for attribute in attributes if type(attribute) in _OF_CLASS))
            functions = [attribute for attribute in attributes if isinstance(attribute, types.FunctionType)]
        elif isinstance(value, enum.Enum):
            add(value, *(part for part in gc.get_referents(value) if type(part) is dict))
            functions = ()
        else:
            functions = (value,) if isinstance(value, types.FunctionType) else ()
        for function in functions:
            add(function.__defaults__, function.__kwdefaults__, *(function.__closure__ or ()))
    parts.pop(id(None), None)
    return parts.values()


def _held_elsewhere(previous, parts):
    """Those that others hold than *parts*. The collector takes longer the more objects it is asked for, and most nobody else has."""
    known = collections.Counter(map(id, gc.get_referents(parts, *parts)))
    # As many as Python counts for what a list alone holds.
    sample = [object()]
    [alone] = [sys.getrefcount(value) for value in sample]
    counts = [sys.getrefcount(value) for value in previous]
    return [value for value, count in zip(previous, counts, strict=True) if count - known[id(value)] > alone]


def _is_own(value):
    """Whether it is a class, a function or a member of an enumeration that one of the modules made."""
    if isinstance(value, enum.Enum):
        return type(value).__module__ in _MODULES
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return value.__module__ in _MODULES
    return False


def _repair_copied_constants(old):
    """Constants have no identity of their own: a module's global is a copy when name and object are both the same."""
    changed = {}
    for name in ("_ssl", "ssl"):
        now = vars(sys.modules[name])
        for key, value in old[name].items():
            if key.isupper() and key in now and isinstance(value, (int, str, tuple)) and now[key] != value:
                changed[key] = (value, now[key])
    for name, module in list(sys.modules.items()):
        if name in _MODULES or not isinstance(module, types.ModuleType):
            continue
        namespace = vars(module)
        for key in changed.keys() & namespace.keys():
            value, new = changed[key]
            if namespace[key] is value:
                namespace[key] = new


def _repair_holders(previous, successors, gone):
    """Put right who refers to *previous*; answers the tuples that need a new one, as ``_renewed`` does.

    *gone* are the ids of holders that stay as they are.
    """
    tuples, new_tuples, namespaces = [], {}, []
    arguments = tuple(previous)
    gone = gone | {id(previous), id(arguments)}
    holders = [holder for holder in gc.get_referrers(*arguments) if id(holder) not in gone]
    subclasses = [holder[0] for holder in holders if _is_order(holder)]
    theirs = {id(part) for cls in subclasses for part in (cls, cls.__mro__, cls.__bases__)}
    for cls in subclasses:
        _repair_bases(cls, successors)
    for holder in holders:
        if id(holder) in theirs:
            continue
        if isinstance(holder, dict):
            namespaces.append(holder)
        elif type(holder) in (tuple, frozenset):
            tuples.append(holder)
            new_tuples[id(holder)] = type(holder)(_now(item, successors) for item in holder)
        elif isinstance(holder, list):
            holder[:] = [_now(item, successors) for item in holder]
        elif isinstance(holder, set):
            items = [_now(item, successors) for item in holder]
            holder.clear()
            holder.update(items)
        elif isinstance(holder, types.CellType):
            holder.cell_contents = _now(holder.cell_contents, successors)
        elif isinstance(holder, types.FunctionType):
            holder.__defaults__ = _now(holder.__defaults__, successors)
        elif _has_namespace(holder):
            _repair_namespace(vars(holder), successors)
    owners = _owners(namespaces)
    for namespace in namespaces:
        if id(namespace) in owners:
            _repair_class(owners[id(namespace)], successors)
        else:
            _repair_namespace(namespace, successors)
    return tuples, new_tuples


def _is_order(holder):
    """Whether it is the order in which a class asks itself and its bases."""
    return type(holder) is tuple and isinstance(holder[0], type) and holder[0].__mro__ is holder


def _now(value, successors):
    return successors.get(id(value), value)


def _has_namespace(holder):
    """Whether it is an instance whose attributes are its own: CPython keeps their values in the object itself."""
    try:
        return isinstance(object.__getattribute__(holder, "__dict__"), dict)
    except AttributeError:
        return False


def _repair_namespace(namespace, successors):
    for key, value in list(namespace.items()):
        if id(value) in successors:
            namespace[key] = successors[id(value)]
    for key in [key for key in namespace if id(key) in successors]:
        namespace[successors[id(key)]] = namespace.pop(key)


def _repair_class(cls, successors):
    for key, value in list(vars(cls).items()):
        if id(value) in successors:
            try:
                setattr(cls, key, successors[id(value)])
            except (AttributeError, TypeError):
                # An enumeration's member, or a built-in class: of the old modules themselves, and they go.
                pass


def _repair_bases(cls, successors):
    """A program's class that derives from one of the old: give it the new base, where the layouts allow."""
    if id(cls) in successors:
        return
    bases = tuple(_now(base, successors) for base in cls.__bases__)
    if bases != cls.__bases__:
        try:
            cls.__bases__ = bases
        except TypeError:
            # The instances that there are would change their layout. The class keeps the old base, as they do.
            pass


def _owners(namespaces):
    """Which of *namespaces* are those of classes: id -> class. They must be changed through the class."""
    modules = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, types.ModuleType)}
    # Every class has that, but for those that nobody can change. The fewer the collector is asked for, the less time it takes.
    others = [namespace for namespace in namespaces if "__module__" in namespace and id(namespace) not in modules]
    classes = [holder for holder in gc.get_referrers(*others) if isinstance(holder, type)] if others else ()
    return {id(part): cls for cls in classes for part in gc.get_referents(cls) if isinstance(part, dict)}
