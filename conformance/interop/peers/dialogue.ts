/** Exchanges over a program's input and output, for the command-line tools of OpenSSL and GnuTLS. */
import {
  type Digest,
  digestOf,
  LINE_LENGTH,
  PATTERN_LINE,
  PEER_HELLO,
  PYTHON_HELLO,
  pattern,
  type Report,
  type Settings,
} from "../settings.ts";
import { type Tool, ToolError } from "./tool.ts";

/** How a tool is told to update its keys and ask for the other side's; answers when it has. */
export type KeyUpdate = (tool: Tool) => Promise<void>;

export function count(text: string, what: string): number {
  return text.split(what).length - 1;
}

/** The numbered lines that arrived. */
export function patternIn(output: string): Digest {
  return digestOf((output.match(PATTERN_LINE) ?? []).join(""));
}

function untilPattern(tool: Tool, byteLength: number): Promise<Digest> {
  return tool.until(`${byteLength} bytes`, (output) => {
    // Looking for the last line first is quick, and this is asked for each chunk of output.
    const last = `${String(byteLength / LINE_LENGTH - 1).padStart(8, "0")} x`;
    if (!output.includes(last)) return undefined;
    const found = patternIn(output);
    return found.byteLength >= byteLength ? found : undefined;
  });
}

/** A line that the peer says in round `number` of a key update. */
const roundLine = (number: number): string => `line after key update ${number}\n`;

/** Updates keys so often, and each time exchanges a line that comes back. */
export async function updateKeys(tool: Tool, rounds: number, keyUpdate: KeyUpdate): Promise<void> {
  await tool.untilText(PYTHON_HELLO);
  for (let number = 0; number < rounds; number++) {
    await keyUpdate(tool);
    tool.write(roundLine(number));
    await tool.untilText(roundLine(number));
  }
}

/** A client's part of the exchange. */
export async function converseAsClient(
  tool: Tool,
  { exchange }: Settings,
  keyUpdate: KeyUpdate,
): Promise<Partial<Report>> {
  switch (exchange.kind) {
    case "hello":
      tool.write(PEER_HELLO);
      await tool.untilText(PYTHON_HELLO);
      tool.endInput();
      await tool.end();
      return { line: PYTHON_HELLO };
    case "large": {
      tool.write(pattern(exchange.byteLength));
      const received = await untilPattern(tool, exchange.byteLength);
      tool.endInput();
      await tool.end();
      return { received };
    }
    case "half-close": {
      if (exchange.by !== "client") throw new Error("this tool ends when the server has said close_notify");
      tool.write(PEER_HELLO);
      tool.endInput();
      await tool.end();
      return { received: patternIn(tool.output) };
    }
    case "key-update":
      await updateKeys(tool, exchange.rounds, keyUpdate);
      tool.endInput();
      await tool.end();
      return {};
  }
}

/** A server's part, for the one connection after another that it serves. Ends with the tool's own end. */
export async function converseAsServer(
  tool: Tool,
  settings: Settings,
  keyUpdate: KeyUpdate,
): Promise<Partial<Report>> {
  const { exchange, connections } = settings;
  switch (exchange.kind) {
    case "hello":
      for (let number = 1; number <= connections; number++) {
        await tool.until(`hello ${number}`, (output) =>
          count(output, PYTHON_HELLO) >= number ? true : undefined,
        );
        tool.write(PEER_HELLO);
      }
      await tool.end();
      return { line: PYTHON_HELLO };
    case "large": {
      const received = await untilPattern(tool, exchange.byteLength);
      tool.write(pattern(exchange.byteLength));
      await tool.end();
      return { received };
    }
    case "key-update":
      await updateKeys(tool, exchange.rounds, keyUpdate);
      await tool.end();
      return {};
    case "half-close":
      throw new Error("this tool ends a connection in both directions at once");
  }
}

/** The error text of what a tool threw. */
export function failureText(error: unknown): string {
  return error instanceof ToolError ? error.saying : String(error);
}
