"""Installing from Python, out of the wheel: ``pyodide_ssl.install()``."""

import gc
import json
import os
import sys

from pyodide_ssl._errors import BlockingImpossibleError, ConfigurationError

_FOLDER = os.path.dirname(__file__)
_VARIABLE = "PYODIDE_SSL_GATEWAY"
_FILE = "pyodide_ssl.toml"

_NO_GATEWAY = (
    "pyodide-ssl needs the address of a gateway, since a browser gives no other way to the network. Ways to give it: "
    f'pyodide_ssl.install(gateway="wss://gateway.example/"); the environment variable {_VARIABLE}; a file {_FILE} in the '
    'working directory with the line gateway = "wss://gateway.example/". To run a gateway: npx pyodide-ssl gateway'
)
_CANNOT_WAIT = (
    "pyodide_ssl.install() must wait here, and JavaScript has called Python so that it cannot be suspended, or has no JavaScript "
    "Promise Integration. Use `await pyodide_ssl.install_async()`, or a browser that has it: Chrome 137, Firefox 153, Safari 27."
)

# The JavaScript module, once it is loaded; the installation, and what it was made with.
_module = None
_installation = None
_settings = None


def install(gateway=None, *, ca=None):
    """Make ``ssl``, ``socket``, ``select`` and threads real in this Python, also for who has imported them already.

    *gateway* is the address of a Wisp gateway, ``wss://…``. Without it the environment variable PYODIDE_SSL_GATEWAY counts, then
    ``gateway`` in the file ``pyodide_ssl.toml`` of the working directory. On Node none is needed: sockets are TCP.
    *ca* is the PEM text, or the path of a file, of certificate authorities to trust besides Mozilla's.

    A second call with the same settings does nothing. Raises ConfigurationError without a gateway, and BlockingImpossibleError
    where Python cannot be suspended: ``install_async`` works there.
    """
    settings = _settings_of(gateway, ca)
    if _is_installed_with(settings):
        return
    from pyodide.ffi import can_run_sync, run_sync

    if not can_run_sync():
        raise BlockingImpossibleError(_CANNOT_WAIT)
    # Pyodide 314.0.0 to 314.0.7 crash when garbage is collected while a stack is suspended (pyodide issue 6464).
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        begin = run_sync(_prepare(settings))
    finally:
        if was_enabled:
            gc.enable()
    _begin(begin, settings)


async def install_async(gateway=None, *, ca=None):
    """As ``install``, to be awaited: for where Python cannot be suspended."""
    settings = _settings_of(gateway, ca)
    if not _is_installed_with(settings):
        _begin(await _prepare(settings), settings)


def uninstall():
    """Put everything back as it was before ``install``: modules, references to what is in them, urllib3. Sockets are closed.

    Does nothing when nothing is installed. Raises RuntimeError while threads are running, and for who was given TLS from
    JavaScript: it ends with its interpreter.
    """
    global _installation, _settings
    if _installation is None:
        if "_pyodide_ssl_js" in sys.modules:
            raise RuntimeError("this Python was given TLS by JavaScript, which alone can end it")
        return
    from pyodide_ssl import _deactivate

    _deactivate.deactivate()
    _installation.close()
    _installation = _settings = None
    import pyodide_js

    pyodide_js.unregisterJsModule("_pyodide_ssl_js")


def _is_installed_with(settings):
    if _installation is None:
        if "_pyodide_ssl_js" in sys.modules:
            raise ConfigurationError("this Python has TLS already: JavaScript's install() or createPython() gave it")
        return False
    if settings == _settings:
        return True
    raise ConfigurationError(
        "pyodide-ssl is installed with other settings already; pyodide_ssl.uninstall() first closes its sockets"
    )


def _settings_of(gateway, ca):
    file = _configuration()
    if gateway is None:
        gateway = os.environ.get(_VARIABLE) or file.get("gateway")
    if ca is None:
        ca = file.get("ca")
    if gateway is None and not _is_node():
        raise ConfigurationError(_NO_GATEWAY)
    if gateway is not None and not (isinstance(gateway, str) and gateway.startswith(("wss:", "ws:", "https:", "http:", "/"))):
        raise ConfigurationError(f"the gateway's address begins with wss:// or ws://, and not as {gateway!r} does")
    return {"gateway": gateway, "ca": None if ca is None else _pem(ca), "folder": _FOLDER}


def _configuration():
    """What ``pyodide_ssl.toml`` of the working directory says."""
    try:
        file = open(_FILE, "rb")
    except FileNotFoundError:
        return {}
    import tomllib

    with file:
        try:
            settings = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{os.path.abspath(_FILE)} is not TOML: {error}") from None
    unknown = settings.keys() - {"gateway", "ca"}
    if unknown:
        raise ConfigurationError(
            f"{os.path.abspath(_FILE)} has {', '.join(sorted(unknown))}, which means nothing: there are gateway and ca"
        )
    return settings


def _pem(ca):
    if "-----BEGIN" in str(ca):
        return ca
    try:
        with open(ca, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise ConfigurationError(f"the certificate authorities cannot be read: {error}") from None
    if "-----BEGIN" not in text:
        raise ConfigurationError(f"{ca} holds no certificate in PEM format")
    return text


def _is_node():
    from pyodide_js import _api

    return bool(_api.runtimeEnv.IN_NODE)


async def _prepare(settings):
    """Get ready what must be waited for; answers what begins the installation."""
    global _module
    import pyodide_js

    if _module is None:
        _module = await _import()
    return await _module.prepare(pyodide_js, json.dumps(settings))


async def _import():
    """The package's ES module, from the text in this folder."""
    from pyodide.code import run_js

    with open(f"{_FOLDER}/js/pyodide-ssl.mjs", encoding="utf-8") as file:
        text = file.read()
    return await run_js(_IMPORT)(text, _is_node())


# Node imports no blobs, and browsers show a blob's module in their tools; both are of the page's own origin.
_IMPORT = """
async (text, isNode) => {
  if (isNode) return import("data:text/javascript;base64," + Buffer.from(text).toString("base64"));
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
"""


def _begin(begin, settings):
    global _installation, _settings
    _installation = begin()
    _settings = settings
