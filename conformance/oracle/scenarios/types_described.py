"""How the types and functions of `_ssl` describe themselves: texts, names, documentation, signatures."""
import inspect

import _ssl
from observe import observe


def signature(thing):
    return str(inspect.signature(thing))


def own_members(kind):
    hidden = {"__doc__", "__module__", "__new__", "__dict__", "__weakref__"}
    return sorted(set(vars(kind)) - hidden)


observe("the module", lambda: [_ssl.__name__, _ssl.__doc__])
for name, kind in sorted(vars(_ssl).items()):
    if isinstance(kind, type):
        observe(f"{name}: names", lambda: [repr(kind), kind.__module__, kind.__name__, kind.__qualname__, kind.__doc__])
        observe(f"{name}: members", lambda: own_members(kind))
        observe(f"{name}: everything that dir tells", lambda: sorted(set(dir(kind)) - set(dir(object)) - {"__weakref__"}))
        for member in own_members(kind):
            thing = vars(kind)[member]
            observe(f"{name}.{member}: documentation", lambda: thing.__doc__ if not member.startswith("__") else None)
            if callable(thing) and not member.startswith("__"):
                observe(f"{name}.{member}: signature", lambda: signature(thing))
                observe(f"{name}.{member}: Clinic's", lambda: thing.__text_signature__ and " ".join(thing.__text_signature__.split()))
                observe(f"{name}.{member}: name", lambda: [thing.__name__, thing.__qualname__])
                observe(f"{name}.{member}: a routine", lambda: inspect.isroutine(thing))
            elif not member.startswith("__"):
                observe(f"{name}.{member}: text", lambda: repr(thing))
                observe(f"{name}.{member}: a data descriptor", lambda: [inspect.isdatadescriptor(thing), callable(thing)])
    elif callable(kind):
        observe(f"{name}: documentation", lambda: kind.__doc__)
        observe(f"{name}: signature", lambda: signature(kind))
        observe(f"{name}: Clinic's", lambda: kind.__text_signature__)
        observe(f"{name}: names", lambda: [kind.__name__, kind.__qualname__, kind.__module__])
        observe(f"{name}: a routine", lambda: inspect.isroutine(kind))
