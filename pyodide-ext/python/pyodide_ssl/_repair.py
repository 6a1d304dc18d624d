"""References to what ``ssl``, ``socket`` and their kin were before: found wherever they are, and put right.

Modules that were imported before the installation have copied names (``from ssl import SSLContext``), built tuples of
exceptions, taken constants as defaults. The garbage collector knows who refers to an object, so that is whom we ask.
"""

import enum
import gc
import sys
import types

_MODULES = ("_socket", "select", "socket", "selectors", "_ssl", "ssl")

# Replacing a tuple makes a new one, whose holders are looked for in the next round.
_MAX_ROUNDS = 6


def repair(old):
    """Repair every reference to an object of *old*: the namespaces of the modules before, by the modules' names."""
    renewed = _renewed(old)
    _repair_copied_constants(old)
    skip = {id(namespace) for namespace in old.values()}
    for _ in range(_MAX_ROUNDS):
        if not renewed:
            return
        renewed = _repair_referrers(renewed, skip)


def stale_references(old):
    """Who still refers to an object of *old*: pairs of the object's name and the referrer. Empty after a repair.

    What the old modules' own functions and classes hold of each other does not count: it goes when they do.
    """
    renewed = _renewed(old)
    skip = {id(namespace) for namespace in old.values()} | {id(renewed), id(old)}
    inside = _old_world(renewed)
    found = []
    for previous, _new in renewed.values():
        for holder in gc.get_referrers(previous):
            if id(holder) in skip or id(holder) in inside or _is_ours(holder, renewed):
                continue
            found.append((repr(previous)[:80], holder))
    return found


def _renewed(old):
    """What has a successor of the same name: id -> (the object before, the object now)."""
    renewed = {}
    for name, namespace in old.items():
        now = vars(sys.modules[name])
        for key, previous in namespace.items():
            if not _is_own(previous) or key not in now or now[key] is previous:
                continue
            renewed.setdefault(id(previous), (previous, now[key]))
    return renewed


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
        for key, previous in old[name].items():
            if key.isupper() and key in now and isinstance(previous, (int, str, tuple)) and now[key] != previous:
                changed[key] = (previous, now[key])
    for name, module in list(sys.modules.items()):
        if name in _MODULES or not isinstance(module, types.ModuleType):
            continue
        namespace = vars(module)
        for key in changed.keys() & namespace.keys():
            previous, new = changed[key]
            if namespace[key] is previous:
                namespace[key] = new


def _repair_referrers(renewed, skip):
    """Put *renewed* right in everything that refers to it; answers the tuples that were replaced, for the next round."""
    targets = [previous for previous, _ in renewed.values()]
    inside = _old_world(renewed)
    next_round = {}
    namespaces = []
    for holder in gc.get_referrers(*targets):
        if id(holder) in skip or id(holder) in inside or holder is targets or _is_ours(holder, renewed):
            continue
        if isinstance(holder, dict):
            namespaces.append(holder)
        elif type(holder) is tuple or type(holder) is frozenset:
            new = type(holder)(_successor(item, renewed) for item in holder)
            next_round[id(holder)] = (holder, new)
        elif isinstance(holder, list):
            holder[:] = [_successor(item, renewed) for item in holder]
        elif isinstance(holder, set):
            items = [_successor(item, renewed) for item in holder]
            holder.clear()
            holder.update(items)
        elif isinstance(holder, types.CellType):
            holder.cell_contents = _successor(holder.cell_contents, renewed)
        elif isinstance(holder, types.FunctionType):
            _repair_function(holder, renewed)
        elif isinstance(holder, type):
            _repair_bases(holder, renewed)
        elif isinstance(holder, (staticmethod, classmethod, property)):
            continue
        elif hasattr(holder, "__dict__") and not isinstance(holder, types.ModuleType):
            _repair_dict(vars(holder), renewed)
    owners = _class_dicts(namespaces)
    for namespace in namespaces:
        if id(namespace) in owners:
            _repair_class(owners[id(namespace)], renewed)
        else:
            _repair_dict(namespace, renewed)
    return next_round


def _successor(value, renewed):
    pair = renewed.get(id(value))
    return value if pair is None else pair[1]


def _repair_dict(namespace, renewed):
    for key, value in list(namespace.items()):
        if id(value) in renewed:
            namespace[key] = renewed[id(value)][1]
    for key in [key for key in namespace if id(key) in renewed]:
        namespace[renewed[id(key)][1]] = namespace.pop(key)


def _repair_class(cls, renewed):
    for key, value in list(vars(cls).items()):
        if id(value) in renewed:
            setattr(cls, key, renewed[id(value)][1])


def _repair_function(function, renewed):
    if function.__defaults__ is not None:
        function.__defaults__ = tuple(_successor(value, renewed) for value in _successor(function.__defaults__, renewed))
    if function.__kwdefaults__ is not None:
        _repair_dict(function.__kwdefaults__, renewed)


def _repair_bases(cls, renewed):
    """A class of a program's that derives from one of ours: give it the new base, where the layouts allow."""
    bases = tuple(_successor(base, renewed) for base in cls.__bases__)
    if bases == cls.__bases__:
        return
    try:
        cls.__bases__ = bases
    except TypeError:
        # Instances would change their size. The class keeps the old base, as its instances do.
        pass


def _class_dicts(namespaces):
    """Which of *namespaces* are those of classes: id -> class. They must be changed through the class."""
    if not namespaces:
        return {}
    ids = {id(namespace) for namespace in namespaces}
    owners = {}
    for holder in gc.get_referrers(*namespaces):
        if isinstance(holder, type):
            for referent in gc.get_referents(holder):
                if isinstance(referent, dict) and id(referent) in ids:
                    owners[id(referent)] = holder
    return owners


def _old_world(renewed):
    """What the old objects hold themselves: classes' namespaces, orders of resolution, functions' parts. Two levels deep."""
    inside = set()
    level = [previous for previous, _ in renewed.values()]
    inside.update(map(id, level))
    for _ in range(3):
        # Functions lead to their module's namespace, and so to all of Python: not what is theirs alone.
        level = [
            referent
            for referent in gc.get_referents(*level)
            if id(referent) not in inside and _may_be_theirs(referent)
        ]
        inside.update(map(id, level))
    return inside


def _may_be_theirs(value):
    if isinstance(value, (types.FunctionType, staticmethod, classmethod, property)):
        return True
    if isinstance(value, dict):
        return "__builtins__" not in value and "__name__" not in value
    if isinstance(value, type):
        return value.__module__ in _MODULES and value.__name__ not in vars(sys.modules[value.__module__])
    return isinstance(value, (types.GetSetDescriptorType, types.MemberDescriptorType, types.CellType)) or (
        type(value) is tuple
    )


def _is_ours(holder, renewed):
    """Frames and containers of this module's own making."""
    return isinstance(holder, types.FrameType) or (type(holder) is tuple and len(holder) == 2 and id(holder[0]) in renewed)
