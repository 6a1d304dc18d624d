"""`match_hostname` of Python 3.8: whether a certificate is one for a host (RFC 2818 section 3.1, RFC 6125 section 6.4)."""

import socket
import ssl
import warnings


def match_hostname(cert, hostname):
    """Raise ``ssl.CertificateError`` unless *cert*, as ``getpeercert()`` returns it, is valid for *hostname*.

    Alternative names decide; where there are none of a kind that names hosts, the subject's common names do. Addresses
    match exactly, and only alternative names of their kind.
    """
    warnings.warn("ssl.match_hostname() is deprecated", DeprecationWarning, stacklevel=2)
    if not cert:
        raise ValueError(
            "empty or no certificate, match_hostname needs a SSL socket or SSL context with either "
            "CERT_OPTIONAL or CERT_REQUIRED"
        )
    address = _address(hostname)
    presented = []
    for kind, value in cert.get("subjectAltName", ()):
        if kind == "DNS":
            matches = address is None and _is_name_for(value, hostname)
        elif kind == "IP Address":
            matches = address is not None and _certified_address(value) == address
        else:
            continue
        if matches:
            return
        presented.append(value)
    if not presented:
        for kind, value in (pair for name in cert.get("subject", ()) for pair in name):
            if kind != "commonName":
                continue
            if _is_name_for(value, hostname):
                return
            presented.append(value)
    raise ssl.CertificateError(_mismatch(hostname, presented))


def _mismatch(hostname, presented):
    if not presented:
        return "no appropriate commonName or subjectAltName fields were found"
    names = ", ".join(map(repr, presented))
    return f"hostname {hostname!r} doesn't match {'either of ' if len(presented) > 1 else ''}{names}"


def _is_name_for(pattern, hostname):
    """Whether a certificate's name, perhaps with a wildcard for its whole first label, is *hostname*."""
    if not pattern:
        return False
    if "*" not in pattern:
        return pattern.lower() == hostname.lower()
    if pattern.count("*") > 1:
        raise ssl.CertificateError(f"too many wildcards in certificate DNS name: {pattern!r}.")
    first, dot, rest = pattern.partition(".")
    if "*" in rest:
        raise ssl.CertificateError(f"wildcard can only be present in the leftmost label: {pattern!r}.")
    if not dot:
        raise ssl.CertificateError(f"sole wildcard without additional labels are not support: {pattern!r}.")
    if first != "*":
        raise ssl.CertificateError(f"partial wildcards in leftmost label are not supported: {pattern!r}.")
    label, dot, domain = hostname.partition(".")
    # A wildcard stands for at least one character, and never for a label's separator.
    return bool(label and dot) and domain.lower() == rest.lower()


def _address(hostname):
    """The packed address that *hostname* spells in the one way it is usually spelt, or None when it is a name."""
    try:
        return _packed(hostname)
    except ValueError:
        return None


def _certified_address(text):
    # OpenSSL ended IPv6 addresses of alternative names with a line feed at times.
    return _packed(text.rstrip())


def _packed(text):
    """*text* as a packed address.

    :raises ValueError: it is none, or an IPv4 address in a short form ("127.1"), which `inet_aton` would take
    """
    try:
        packed = socket.inet_aton(text)
    except OSError:
        pass
    else:
        if socket.inet_ntoa(packed) != text:
            raise ValueError(f"{text!r} is not a quad-dotted IPv4 address.")
        return packed
    try:
        return socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        raise ValueError(f"{text!r} is neither an IPv4 nor an IP6 address.") from None
