/** The command line's grammar: our options, then what to run, then the program's own arguments, as CPython has it. */

/** What to run, as `pyodide_ssl/_cli.py` takes it. */
export type Program =
  | { readonly mode: "command"; readonly operand: string; readonly args: readonly string[] }
  | { readonly mode: "module"; readonly operand: string; readonly args: readonly string[] }
  | { readonly mode: "script"; readonly operand: string; readonly args: readonly string[] }
  /** The program comes by standard input. `operand` is what `sys.argv[0]` is: `-`, or nothing when it was not said. */
  | { readonly mode: "stdin"; readonly operand: "-" | ""; readonly args: readonly string[] }
  | { readonly mode: "console"; readonly operand: ""; readonly args: readonly string[] };

/** A command line, understood. */
export type CommandLine =
  | { readonly action: "help" }
  | { readonly action: "version" }
  | { readonly action: "gateway"; readonly argv: readonly string[] }
  | { readonly action: "usage-error"; readonly message: string }
  | { readonly action: "run"; readonly program: Program; readonly options: CliOptions };

/** Our own options. */
export interface CliOptions {
  gateway?: string;
  /** File names. */
  ca: string[];
  packagesDirs: string[];
  pyodideUrl?: string;
  mount: boolean;
  unbuffered: boolean;
}

export const HELP = `Usage: pyodide-ssl [option]… [-c CODE | -m MODULE | SCRIPT | -] [argument]…
       pyodide-ssl gateway [option]…

Runs Python (CPython in WebAssembly) with real TLS over real sockets. Without a program: a console, or the program that
comes by standard input when that is no terminal.

  -c CODE              run CODE
  -m MODULE            run a library module as a script
  -                    run the program that comes by standard input
  -u                   do not buffer standard output and standard error
  --ca FILE            trust the certificate authorities of this PEM file too; may be given again
  --gateway URL        reach the network through this Wisp gateway (ws:// or wss://) instead of by TCP
  --packages-dir DIR   import from this folder too; may be given again. PYTHONPATH is honoured as well
  --pyodide URL        run this pyodide.mjs instead of the installed one
  --no-mount           do not show this machine's files to Python
  -V, --version        print the versions
  -h, --help           this text

  gateway              run the Wisp gateway: pyodide-ssl gateway --help

Python sees this machine's folders except /dev, /lib and /proc. SSL_CERT_FILE and SSL_CERT_DIR are honoured.
Ctrl-C interrupts the program; twice within two seconds ends it at once.
`;

/** Options that take a value, long ones also as \`--name=value\`. */
const VALUED = new Set(["--gateway", "--ca", "--packages-dir", "--pyodide"]);

function setValued(options: CliOptions, name: string, value: string): void {
  if (name === "--gateway") options.gateway = value;
  else if (name === "--ca") options.ca.push(value);
  else if (name === "--packages-dir") options.packagesDirs.push(value);
  else options.pyodideUrl = value;
}

function usageError(message: string): CommandLine {
  return { action: "usage-error", message };
}

/**
 * Understands a command line. Options end with the program: what follows is the program's.
 * @param argv without the interpreter and the script: \`process.argv.slice(2)\`
 * @param isTerminal whether standard input is a terminal: decides what no program means
 */
export function parseCommandLine(argv: readonly string[], isTerminal: boolean): CommandLine {
  if (argv[0] === "gateway") return { action: "gateway", argv: argv.slice(1) };
  const options: CliOptions = { ca: [], packagesDirs: [], mount: true, unbuffered: false };
  const run = (program: Program): CommandLine => ({ action: "run", program, options });
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    const rest = argv.slice(i + 1);
    if (argument === "-") return run({ mode: "stdin", operand: "-", args: rest });
    if (!argument.startsWith("-")) return run({ mode: "script", operand: argument, args: rest });
    // As in CPython the operand may follow in the same word: -mjson.tool
    const program = /^-([cm])(.*)$/s.exec(argument);
    if (program !== null) {
      const inWord = program[2] as string;
      const operand = inWord === "" ? rest[0] : inWord;
      if (operand === undefined) return usageError(`option -${program[1] as string} needs an argument`);
      return run({
        mode: program[1] === "c" ? "command" : "module",
        operand,
        args: inWord === "" ? rest.slice(1) : rest,
      });
    }
    if (argument === "-h" || argument === "--help") return { action: "help" };
    if (argument === "-V" || argument === "--version") return { action: "version" };
    if (argument === "-u") options.unbuffered = true;
    else if (argument === "--no-mount") options.mount = false;
    else if (argument === "--") {
      const [script, ...args] = rest;
      if (script !== undefined) return run({ mode: "script", operand: script, args });
    } else {
      const [name, inWord] = splitLong(argument);
      if (!VALUED.has(name)) return usageError(`unknown option ${argument}`);
      const value = inWord ?? argv[++i];
      if (value === undefined) return usageError(`option ${name} needs a value`);
      setValued(options, name, value);
    }
  }
  return run(
    isTerminal ? { mode: "console", operand: "", args: [] } : { mode: "stdin", operand: "", args: [] },
  );
}

function splitLong(argument: string): [name: string, value: string | undefined] {
  const equals = argument.indexOf("=");
  return equals < 0 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)];
}
