"""Network interfaces by number and name: loopback is the one that is here in every host. Follows ``socket_if_nameindex`` & co."""

import os

from pyodide_ssl._os_error import os_error

_INTERFACES = {1: "lo"}


def if_nameindex():
    """if_nameindex()

    Returns a list of network interface information (index, name) tuples."""
    return list(_INTERFACES.items())


def if_nametoindex(oname, /):
    """Returns the interface index corresponding to the interface name if_name."""
    name = os.fsdecode(oname)
    for index, known in _INTERFACES.items():
        if known == name:
            return index
    raise os_error("ENODEV")


def if_indextoname(if_index, /):
    """Returns the interface name corresponding to the interface index if_index."""
    if not hasattr(if_index, "__index__"):
        raise TypeError(f"'{type(if_index).__name__}' object cannot be interpreted as an integer")
    index = if_index.__index__()
    if index < 0:
        raise ValueError("Cannot convert negative int")
    if index > 0xFFFFFFFF:
        raise OverflowError("Python int too large for C unsigned int")
    if index not in _INTERFACES:
        raise os_error("ENXIO")
    return _INTERFACES[index]


def zone_number(zone):
    """The interface that the zone of an IPv6 address means, by number or name: RFC 4007 section 11. None: there is none."""
    if zone.isascii() and zone.isdigit():
        return int(zone)
    return next((index for index, name in _INTERFACES.items() if name == zone), None)


def zone_name(index):
    """How a zone is written after an IPv6 address."""
    return _INTERFACES.get(index, str(index))
