"""``_ssl.MemoryBIO``."""

from pyodide_ssl._tls_arguments import buffer, clinic_int, final, getset_descriptor
from pyodide_ssl._tls_bridge import ROOM_SIZE, bridge, checked, owned, stage, to_bytes

_pending = bridge.bioPending
_read = bridge.bioRead
_write = bridge.bioWrite


@final
class MemoryBIO:
    __module__ = "_ssl"
    __slots__ = ("_handle",)

    def __new__(cls, /, *args, **kwargs):
        if args:
            raise TypeError("MemoryBIO() takes no positional arguments")
        if kwargs:
            raise TypeError("MemoryBIO() takes no keyword arguments")
        self = object.__new__(cls)
        self._handle = owned(bridge.newBio())
        return self

    def read(self, size=-1, /):
        """Read up to size bytes from the memory BIO.

        If size is not specified, read the entire buffer.
        If the return value is an empty bytes instance, this means either
        EOF or that no data is available. Use the "eof" property to
        distinguish between the two."""
        return to_bytes(checked(_read(self._handle, clinic_int(size))))

    def write(self, b, /):
        """Writes the bytes b into the memory BIO.

        Returns the number of bytes written."""
        data = buffer(b)
        length = len(data)
        if length <= ROOM_SIZE:
            return checked(_write(self._handle, stage(data)))
        view = memoryview(data)
        return sum(
            checked(_write(self._handle, stage(view[start : start + ROOM_SIZE])))
            for start in range(0, length, ROOM_SIZE)
        )

    def write_eof(self, /):
        """Write an EOF marker to the memory BIO.

        When all data has been read, the "eof" property will be True."""
        bridge.bioWriteEof(self._handle)

    @getset_descriptor
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return _pending(self._handle)

    @getset_descriptor
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return bridge.bioEof(self._handle)


