"""``_ssl.MemoryBIO``."""

from pyodide_ssl._c_types import c_type
from pyodide_ssl._tls_arguments import buffer, clinic_int, getset_descriptor
from pyodide_ssl._tls_bridge import ROOM_SIZE, bridge, checked, owned, stage, to_bytes

_pending = bridge.bioPending
_read = bridge.bioRead
_write = bridge.bioWrite


class MemoryBIO:
    __module__ = "_ssl"
    __slots__ = ("_state",)

    def __new__(cls, /, *args, **kwargs):
        if args:
            raise TypeError("MemoryBIO() takes no positional arguments")
        if kwargs:
            raise TypeError("MemoryBIO() takes no keyword arguments")
        return _new(owned(bridge.newBio()), cls)

    def read(self, size=-1, /):
        """Read up to size bytes from the memory BIO.

        If size is not specified, read the entire buffer.
        If the return value is an empty bytes instance, this means either
        EOF or that no data is available. Use the "eof" property to
        distinguish between the two."""
        return to_bytes(checked(_read(bio_handle(self), clinic_int(size))))

    def write(self, b, /):
        """Writes the bytes b into the memory BIO.

        Returns the number of bytes written."""
        handle = bio_handle(self)
        data = buffer(b)
        length = len(data)
        if length <= ROOM_SIZE:
            return checked(_write(handle, stage(data)))
        view = memoryview(data)
        return sum(
            checked(_write(handle, stage(view[start : start + ROOM_SIZE]))) for start in range(0, length, ROOM_SIZE)
        )

    def write_eof(self, /):
        """Write an EOF marker to the memory BIO.

        When all data has been read, the "eof" property will be True."""
        bridge.bioWriteEof(bio_handle(self))

    @getset_descriptor
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return _pending(bio_handle(self))

    @getset_descriptor
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return bridge.bioEof(bio_handle(self))


bio_handle, _new = c_type(MemoryBIO)
