"""What this package's modules are compiled to, and those of Python's library that run with it, in one file: ``bytecode.bin``.

Of Python's library these are what runs again on our ``_thread`` and ``_socket``, and the codec for host names, whose sources alone
Pyodide's archive has. Finding and reading each file by itself takes Python longer than running it. What was compiled is used where it
was compiled from the very source that is here, by its hash (PEP 552); any other source Python compiles itself.
"""

import importlib.util
import json
import marshal
import os
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from zipimport import zipimporter

_FOLDER = os.path.dirname(__file__)

# What of the library is imported later, for the first name of a host.
_LATER = ("encodings.idna", "stringprep")

# Without the second JavaScript has seen to it that source and code are of one build.
_HASHED, _CHECKED = 0b01, 0b10


def execute(module):
    """Run *module*, whose ``__spec__`` is that of the library."""
    spec = module.__spec__
    stand_in(f"library/{spec.name}.py", spec.origin, spec.loader).exec_module(module)


def has(key):
    """Whether something was compiled as *key*, and not used yet."""
    return key in _files


def find_own(fullname, path, key):
    """The spec of one of this package's modules: its source is at *path*, and compiled as *key*."""
    loader = stand_in(key, path, SourceFileLoader(fullname, path))
    return importlib.util.spec_from_file_location(fullname, path, loader=loader, submodule_search_locations=None)


def find_later(fullname, path):
    """The spec of a module of the library that comes compiled; None where Python is to find it.

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
    if PathFinder.find_spec(fullname, entries[:index]) is not None:
        return None
    loader = stand_in(f"library/{fullname}.py", origin, loader)
    if not isinstance(loader, StandIn):
        return None
    return importlib.util.spec_from_file_location(fullname, origin, loader=loader, submodule_search_locations=None)


class StandIn:
    """Stands before a module's own *loader*, which the module has in its place from then on: *run* runs the module."""

    def __init__(self, loader, run):
        self._loader = loader
        self._run = run

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._run(module)


def stand_in(key, origin, loader):
    """What runs the module that *loader* has at *origin*: if it was compiled as *key*, that; else *loader* itself."""
    pyc = _files.pop(key, None)
    if pyc is None:
        return loader
    if not _is_of_source(pyc, origin, loader):
        return loader
    code = marshal.loads(pyc[16:])
    if code.co_filename != origin:
        return loader
    return StandIn(loader, lambda module: exec(code, vars(module)))


def keep_rest():
    """Let go of what was used."""
    _files.update({key: memoryview(bytes(pyc)) for key, pyc in _files.items()})


def _is_of_source(pyc, origin, loader):
    if pyc[:4] != importlib.util.MAGIC_NUMBER:
        return False
    if pyc[4] == _HASHED:
        return True
    try:
        source = loader.get_data(origin)
    except OSError:
        return False
    return pyc[4] == _HASHED | _CHECKED and pyc[8:16] == importlib.util.source_hash(source)


def _unpacked():
    """As ``bytecode.ts`` packs: the length of a JSON text, that text, the files."""
    try:
        with open(f"{_FOLDER}/bytecode.bin", "rb") as file:
            packed = memoryview(file.read())
    except OSError:
        return {}
    at = 4 + int.from_bytes(packed[:4], "little")
    files = {}
    for path, length in json.loads(bytes(packed[4:at])).items():
        files[path] = packed[at : at + length]
        at += length
    return files


# Each goes when it is used.
_files = _unpacked()
