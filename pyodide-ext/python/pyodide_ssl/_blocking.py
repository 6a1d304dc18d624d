"""Waiting, the one place where Python is suspended until the outside world has something to say."""


class BlockingImpossibleError(RuntimeError):
    """A call would have to wait, and the way Python was entered makes waiting impossible."""


def wait(fd, want_read, want_write, timeout):
    """Wait until socket number *fd* is readable or writable.

    *timeout* is in seconds, None means for ever. Answers True when ready and False when the time is over. Never suspends
    when already ready. Raises KeyboardInterrupt when interrupted and BlockingImpossibleError when it cannot wait.
    """
    raise NotImplementedError


def wait_many(interests, timeout):
    """Wait until one of *interests*, pairs of socket number and ``poll(2)`` events, is ready."""
    raise NotImplementedError


def run_until_done(promise, what):
    """Suspend until a JavaScript promise is settled; answers its value. *what* names the call in an error."""
    raise NotImplementedError
