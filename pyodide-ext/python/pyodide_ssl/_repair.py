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
    kept = {id(namespace) for namespace in namespaces}
    previous, successors = _renewed(old, pairs)
    previous = _held_elsewhere(previous, namespaces)
    for _ in range(_MAX_ROUNDS):
        if not previous:
            return
        previous, successors = _repair_holders(previous, successors, kept)


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


def _held_elsewhere(previous, namespaces):
    """Those that others may hold than *namespaces* and, for members of an enumeration, their class.

    Asking the collector takes longer the more objects it is asked for, and most of these nobody else has.
    """
    classes = [vars(cls) for cls in previous if isinstance(cls, enum.EnumType)]
    maps = [value for namespace in classes for value in namespace.values() if isinstance(value, dict)]
    holders = {id(holder): holder for holder in (*namespaces, *classes, *maps)}
    known = collections.Counter(id(value) for holder in holders.values() for value in holder.values())
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


def _repair_holders(previous, successors, kept):
    """Put right who refers to *previous*; answers the tuples that need a new one, as ``_renewed`` does."""
    tuples, new_tuples, namespaces = [], {}, []
    arguments = tuple(previous)
    # What the old classes are made of goes with them.
    theirs = {id(part) for cls in previous if isinstance(cls, type) for part in (cls.__mro__, cls.__bases__)}
    for holder in gc.get_referrers(*arguments):
        if id(holder) in kept or id(holder) in theirs or holder is previous or holder is arguments:
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
        elif isinstance(holder, type):
            _repair_bases(holder, successors)
        elif _has_namespace(holder):
            _repair_namespace(vars(holder), successors)
    owners = _owners(namespaces, previous)
    for namespace in namespaces:
        if id(namespace) in owners:
            _repair_class(owners[id(namespace)], successors)
        else:
            _repair_namespace(namespace, successors)
    return tuples, new_tuples


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


def _owners(namespaces, previous):
    """Which of *namespaces* are those of classes: id -> class. They must be changed through the class."""
    owners = {}

    def add(classes):
        for cls in classes:
            if isinstance(cls, type):
                owners.update((id(part), cls) for part in gc.get_referents(cls) if isinstance(part, dict))

    add(previous)
    modules = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, types.ModuleType)}
    # Every class has a documentation, if only None. The fewer the collector is asked for, the less time it takes.
    others = [held for held in namespaces if "__doc__" in held and id(held) not in owners and id(held) not in modules]
    if others:
        add(gc.get_referrers(*others))
    return owners
