/** One event in the gateway's life. Values are names, addresses, numbers and reasons; never a byte of what is carried. */
export interface LogEntry {
  /** What happened. */
  readonly event:
    | "listening"
    | "stopping"
    | "stopped"
    | "client-open"
    | "client-close"
    | "client-refused"
    | "stream-open"
    | "stream-close"
    | "stream-refused"
    | "error";
  readonly [field: string]: string | number | undefined;
}

/** Told of every event. */
export type Log = (entry: LogEntry) => void;

/** Writes entries as lines: `text` for people, `json` for machines. */
export function lineLog(form: "text" | "json" | "none", write: (line: string) => void): Log {
  if (form === "none") return () => {};
  return (entry) => {
    const time = new Date().toISOString();
    const { event, ...fields } = entry;
    if (form === "json") {
      write(`${JSON.stringify({ time, event, ...fields })}\n`);
      return;
    }
    const shown = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${quoteIfNeeded(String(value))}`);
    write(`${[time, event, ...shown].join(" ")}\n`);
  };
}

/** Host names and origins come from outside: whatever could forge a line or a field is put in quotes. */
function quoteIfNeeded(value: string): string {
  return /^[\w.:@[\]/+-]+$/.test(value) ? value : JSON.stringify(value);
}
