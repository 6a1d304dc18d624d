"""The exceptions of ours that programs may name, with and without an installation."""


class BlockingImpossibleError(RuntimeError):
    """A call would have to wait, and the way Python was entered makes waiting impossible."""

    __module__ = "pyodide_ssl"


class ConfigurationError(ValueError):
    """``install()`` was not told how to reach the network, or in a way that makes no sense."""

    __module__ = "pyodide_ssl"
