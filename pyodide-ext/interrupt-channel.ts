/** How JupyterLab's page tells a kernel's worker to interrupt what runs: the two share no more than their origin. */

/** The `BroadcastChannel`'s name. */
export const INTERRUPT_CHANNEL = "pyodide-ssl:interrupt";

/** What it carries. */
export interface InterruptRequest {
  /** The `session` in the headers of the messages that the kernel gets: whose cells are meant. */
  readonly session: string;
}
