/**
 * Which Python everything is for: the minor version of the supported Pyodide's. The variable PYODIDE_SSL_PYTHON names another
 * one: then its `ssl.py` and tests are fetched beside these, and what is built for it lies in a folder of its own. So the next
 * Pyodide can be tried while nothing of it is shipped.
 */
import { join } from "node:path";

const SUPPORTED = "3.14";

/** `"3.14"`. */
export const PYTHON_MINOR: string = process.env["PYODIDE_SSL_PYTHON"] ?? SUPPORTED;

/** Whether it is the supported one. */
export const IS_SUPPORTED_PYTHON: boolean = PYTHON_MINOR === SUPPORTED;

/** The place in a folder of what differs by Python: the folder itself for the supported one. */
export function placeOfPython(folder: string, python: string = PYTHON_MINOR): string {
  return python === SUPPORTED ? folder : join(folder, `python-${python}`);
}
