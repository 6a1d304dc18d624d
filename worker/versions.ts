/** The Pyodide that this package is made for; `package.json` pins the same, and a test compares the two. */
export const PYODIDE_VERSION = "314.0.7";

/** Pyodide's documented place on its CDN. */
export const PYODIDE_CDN_URL: string = `https://cdn.jsdelivr.net/pyodide/v${PYODIDE_VERSION}/full/pyodide.mjs`;
