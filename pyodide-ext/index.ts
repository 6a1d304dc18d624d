/** What goes into Pyodide. `install()` is the way in. */
export * from "./exports.ts";
export { install } from "./install.ts";
