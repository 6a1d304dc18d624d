"""Ancillary data of datagrams over IPv6: hop limit and traffic class, RFC 3542 section 6. There is no other here.

Follows Linux's ``ip6_datagram_send_ctl`` and ``put_cmsg``.
"""

from _socket_builtin import AF_INET6, CMSG_LEN, CMSG_SPACE, IPPROTO_IPV6, IPV6_HOPLIMIT, IPV6_TCLASS, MSG_CTRUNC, SOCK_DGRAM

from pyodide_ssl._os_error import os_error
from pyodide_ssl._socket_arguments import c_int, readable

_SIZE = 4


def room(size):
    """The size that recvmsg() may use for ancillary data."""
    if c_int(size) < 0:
        raise ValueError("invalid ancillary data buffer length")
    return size


def marks(items, family, type):
    """The hop limit and the traffic class that sendmsg() is given, -1 for what it is not; None when it is given nothing."""
    items = _checked(items)
    if not items:
        return None
    found = {IPV6_HOPLIMIT: -1, IPV6_TCLASS: -1}
    for level, kind, data in items:
        if level != IPPROTO_IPV6 or family != AF_INET6 or type != SOCK_DGRAM or kind not in found or len(data) != _SIZE:
            raise os_error("EINVAL", "Invalid argument: of ancillary data there is the hop limit and traffic class of UDP over IPv6")
        found[kind] = int.from_bytes(data, "little", signed=True)
        if not -1 <= found[kind] <= 255:
            raise os_error("EINVAL")
    return found[IPV6_HOPLIMIT], found[IPV6_TCLASS]


def received(hop_limit, traffic_class, size):
    """Items and flags of recvmsg() with so much room; None for what the socket has not asked for."""
    items, flags = [], 0
    for kind, value in ((IPV6_HOPLIMIT, hop_limit), (IPV6_TCLASS, traffic_class)):
        if value is None:
            continue
        if size < CMSG_LEN(_SIZE):
            flags |= MSG_CTRUNC
        if size < CMSG_LEN(0):
            continue
        items.append((IPPROTO_IPV6, kind, value.to_bytes(_SIZE, "little")[: size - CMSG_LEN(0)]))
        size -= min(size, CMSG_SPACE(_SIZE))
    return items, flags


def _checked(items):
    try:
        items = list(items)
    except TypeError:
        raise TypeError("sendmsg() argument 2 must be an iterable") from None
    checked = []
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != 3:
            raise TypeError("[sendmsg() ancillary data items] must be 3-item tuples")
        level, kind, data = item
        checked.append((c_int(level), c_int(kind), bytes(readable(data))))
    return checked
