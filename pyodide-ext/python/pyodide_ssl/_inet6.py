"""IPv6 addresses as text and bytes: Pyodide's own ``inet_pton`` and ``inet_ntop`` are built without IPv6."""


def inet_pton6(text):
    """The 16 bytes of an address in the forms of RFC 4291 section 2.2; None when it is none."""
    head, gap, tail = text.partition("::")
    if gap and "::" in tail:
        return None
    front = _groups(head, is_last=not gap)
    back = _groups(tail, is_last=True) if gap else b""
    if front is None or back is None:
        return None
    missing = 16 - len(front) - len(back)
    if missing < 2 if gap else missing != 0:
        return None
    return front + bytes(missing) + back


def inet_ntop6(packed):
    """The text of 16 bytes as glibc writes it: the longest run of zeros shortened, IPv4 in dots where it is embedded."""
    groups = [packed[i] << 8 | packed[i + 1] for i in range(0, 16, 2)]
    start, length = _longest_zeros(groups)
    if start == 0 and (length == 6 or (length == 5 and groups[5] == 0xFFFF)):
        dotted = ".".join(str(byte) for byte in packed[12:])
        return f"::{'ffff:' if length == 5 else ''}{dotted}"
    words = [f"{group:x}" for group in groups]
    if length < 2:
        return ":".join(words)
    return f"{':'.join(words[:start])}::{':'.join(words[start + length :])}"


def _groups(text, is_last):
    """The bytes of colon-separated groups; None when one is malformed. The last may be an IPv4 address."""
    if text == "":
        return b""
    packed = bytearray()
    words = text.split(":")
    for index, word in enumerate(words):
        if is_last and index == len(words) - 1 and "." in word:
            octets = word.split(".")
            if len(octets) != 4 or not all(_is_octet(octet) for octet in octets):
                return None
            packed += bytes(int(octet) for octet in octets)
        elif 1 <= len(word) <= 4 and all(digit in "0123456789abcdefABCDEF" for digit in word):
            packed += int(word, 16).to_bytes(2)
        else:
            return None
    return bytes(packed)


def _is_octet(text):
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255 and (text == "0" or text[0] != "0")


def _longest_zeros(groups):
    """Start and length of the first longest run of zero groups."""
    best = (0, 0)
    start = 0
    while start < 8:
        end = start
        while end < 8 and groups[end] == 0:
            end += 1
        if end - start > best[1]:
            best = (start, end - start)
        start = end + 1
    return best
