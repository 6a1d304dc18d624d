/**
 * Errors as structured data, for the way from the worker to its owner. Structured clone and Comlink keep name, message and
 * stack alone; with this codec the classes of this package arrive as themselves, with all they know.
 */
import { TransportError, type TransportErrorCode } from "../transports/stream.ts";
import { PythonError, type PythonExceptionReport, PythonFileError, PythonStartError } from "./errors.ts";

/** A chain of causes longer than this is cut: nobody reads so far, and it ends a circle. */
const MAX_CAUSES = 16;

interface EncodedBase {
  readonly message: string;
  readonly stack?: string;
  readonly cause?: EncodedError;
}

/** An error as it crosses. */
export type EncodedError =
  | { readonly kind: "python"; readonly report: PythonExceptionReport; readonly stack?: string }
  | (EncodedBase & { readonly kind: "transport"; readonly code: TransportErrorCode })
  | (EncodedBase & { readonly kind: "file"; readonly code: string; readonly path: string })
  | (EncodedBase & { readonly kind: "start"; readonly stage: PythonStartError["stage"] })
  | (EncodedBase & { readonly kind: "error"; readonly name: string; readonly code?: string | number });

const BUILT_IN_ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Pyodide's own PythonError, as its calls (not our `run`) throw it: the message is the traceback. */
function pyodideErrorReport(error: Error): PythonExceptionReport | undefined {
  const { type } = error as Error & { type?: unknown };
  if (error.name !== "PythonError" || typeof type !== "string") return undefined;
  const lastLine = error.message.trimEnd().split("\n").at(-1) ?? "";
  const colon = lastLine.indexOf(": ");
  const message = colon < 0 ? "" : lastLine.slice(colon + 2);
  return { type, module: "", message, traceback: error.message, args: [message] };
}

function encodeBase(error: Error, depth: number): EncodedBase {
  return {
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: encode(error.cause, depth + 1) }),
  };
}

function encode(error: unknown, depth: number): EncodedError {
  if (!(error instanceof Error)) return { kind: "error", name: "Error", message: describe(error) };
  const report = error instanceof PythonError ? error.report : pyodideErrorReport(error);
  if (report !== undefined) {
    return { kind: "python", report, ...(error.stack === undefined ? {} : { stack: error.stack }) };
  }
  const base = encodeBase(error, depth);
  if (error instanceof TransportError) return { ...base, kind: "transport", code: error.code };
  if (error instanceof PythonFileError) return { ...base, kind: "file", code: error.code, path: error.path };
  if (error instanceof PythonStartError) return { ...base, kind: "start", stage: error.stage };
  const { code } = error as Error & { code?: unknown };
  const hasCode = typeof code === "string" || typeof code === "number";
  return { ...base, kind: "error", name: error.name, ...(hasCode ? { code } : {}) };
}

/** Text of something thrown that is no Error. */
function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "an object that has no text was thrown";
  }
}

/** Turns anything thrown into data that structured clone carries. Never throws. */
export function encodeError(error: unknown): EncodedError {
  return encode(error, 0);
}

/** Turns what {@link encodeError} gave back into the error, of the same class where the class is known. */
export function decodeError(encoded: EncodedError): Error {
  const error = create(encoded);
  if (encoded.stack !== undefined) error.stack = encoded.stack;
  return error;
}

function create(encoded: EncodedError): Error {
  if (encoded.kind === "python") return new PythonError(encoded.report);
  const options = encoded.cause === undefined ? {} : { cause: decodeError(encoded.cause) };
  switch (encoded.kind) {
    case "transport":
      return new TransportError(encoded.code, encoded.message, options);
    case "file":
      return new PythonFileError(encoded.code, encoded.path, encoded.message);
    case "start":
      return new PythonStartError(encoded.stage, encoded.message, options);
    case "error": {
      const error = new (BUILT_IN_ERRORS[encoded.name] ?? Error)(encoded.message, options);
      if (error.name !== encoded.name)
        Object.defineProperty(error, "name", { value: encoded.name, configurable: true });
      return encoded.code === undefined ? error : Object.assign(error, { code: encoded.code });
    }
  }
}
