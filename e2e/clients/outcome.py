"""Runs a program of examples/ as it is; answers as JSON what it printed and what it raised. The same natively and here."""

import contextlib
import io
import json
import os
import re


def outcome(text, environment):
    os.environ.update(environment)
    printed = io.StringIO()
    raised = None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(text, "example.py", "exec"), {"__name__": "__main__"})
        except Exception as error:
            # Lines of _ssl.c differ from one patch release to the next.
            message = re.sub(r"_ssl\.c:\d+", "_ssl.c", str(error))
            raised = f"{type(error).__module__}.{type(error).__qualname__}: {message}"
    return json.dumps({"printed": printed.getvalue(), "raised": raised})
