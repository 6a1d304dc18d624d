"""Modules of Python's own library that come compiled with this package: Pyodide's archive has their sources only.

Those that run again on our ``_thread`` and ``_socket``, and the codec for host names. What was compiled is used where it was compiled
from the very source that this Pyodide has, by its hash (PEP 552); any other source Python compiles itself.
"""

import importlib.util
import marshal
import os
import sys
from importlib.machinery import PathFinder
from zipimport import zipimporter

_FOLDER = f"{os.path.dirname(__file__)}/library"

# What is imported for the first name of a host.
_LATER = ("encodings.idna", "stringprep")

_HASHED, _CHECKED = 0b01, 0b10


def execute(module):
    """Run *module*, whose ``__spec__`` is that of the library."""
    spec = module.__spec__
    code = _compiled(spec.name, spec.origin, spec.loader)
    if code is None:
        spec.loader.exec_module(module)
    else:
        exec(code, vars(module))


def find_spec(fullname, path):
    """The spec of a module that is imported later, for ``sys.meta_path``; None where Python is to find it.

    The archive's own ``find_spec`` would compile the source, to know the file's name.
    """
    if fullname not in _LATER:
        return None
    entries = sys.path if path is None else list(path)
    for index, entry in enumerate(entries):
        loader = sys.path_importer_cache.get(entry)
        if isinstance(loader, zipimporter):
            break
    else:
        return None
    origin = f"{entry}/{fullname.rpartition('.')[2]}.py"
    code = _compiled(fullname, origin, loader)
    if code is None or PathFinder.find_spec(fullname, entries[:index]) is not None:
        return None
    return importlib.util.spec_from_file_location(
        fullname, origin, loader=StandIn(loader, lambda module: exec(code, vars(module))), submodule_search_locations=None
    )


class StandIn:
    """Stands before a module's own *loader*, which the module has in its place from then on: *execute* runs the module."""

    def __init__(self, loader, execute):
        self._loader = loader
        self._execute = execute

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._execute(module)


def _compiled(name, origin, loader):
    try:
        with open(importlib.util.cache_from_source(f"{_FOLDER}/{name}.py"), "rb") as file:
            pyc = file.read()
        source = loader.get_data(origin)
    except OSError:
        return None
    head = importlib.util.MAGIC_NUMBER + (_HASHED | _CHECKED).to_bytes(4, "little") + importlib.util.source_hash(source)
    if not pyc.startswith(head):
        return None
    code = marshal.loads(memoryview(pyc)[len(head) :])
    return code if code.co_filename == origin else None
