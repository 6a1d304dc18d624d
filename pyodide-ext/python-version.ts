/** The Python that this build is for: the one that its `ssl.py` is of. */

/** What the build puts in this place: `"3.14"`. */
declare const PYODIDE_SSL_PYTHON: string | undefined;

/** Its minor version. */
export const PYTHON_MINOR: string = typeof PYODIDE_SSL_PYTHON === "undefined" ? "3.14" : PYODIDE_SSL_PYTHON;

/** Whether a release of Pyodide has that Python, and the JavaScript API that this is made for. */
export function isSupported(pyodideVersion: string): boolean {
  return pyodideVersion.startsWith(`${PYTHON_MINOR.replace(".", "")}.0.`);
}

/** What {@link isSupported} accepts, for people. */
export const SUPPORTED_TEXT: string = `${PYTHON_MINOR.replace(".", "")}.0.x (Python ${PYTHON_MINOR})`;
