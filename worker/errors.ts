/** The errors that `createPython()` and its Python object reject with. Compare `code` or `type`, never messages. */

/** What the worker tells of a Python exception; `pyodide_ssl/_worker.py` makes it. Absent members are left out. */
export interface PythonExceptionReport {
  /** Qualified name of the class, `"SSLCertVerificationError"`. */
  readonly type: string;
  /** Module of the class, `"ssl"`; `"builtins"` for built-in ones. */
  readonly module: string;
  /** `str(exception)`. */
  readonly message: string;
  /** As Python prints it, causes included, without this package's own frames. */
  readonly traceback: string;
  /** `exception.args`; what JSON can't carry is its `repr()`. */
  readonly args: readonly unknown[];
  /** `OSError.errno`, in Pyodide's (WASI's) numbers; prefer `errnoName`. */
  readonly errno?: number;
  /** Name of `errno`: `"ECONNREFUSED"`. */
  readonly errnoName?: string;
  /** `OSError.strerror`. */
  readonly strerror?: string;
  /** `OSError.filename`. */
  readonly filename?: string;
  /** `ssl.SSLError.library`: `"SSL"`. */
  readonly library?: string;
  /** `ssl.SSLError.reason`: `"CERTIFICATE_VERIFY_FAILED"`. */
  readonly reason?: string;
  /** `ssl.SSLCertVerificationError.verify_code`: OpenSSL's `X509_V_ERR_…` number. */
  readonly verifyCode?: number;
  /** `ssl.SSLCertVerificationError.verify_message`: OpenSSL's text for `verifyCode`. */
  readonly verifyMessage?: string;
  /** `__cause__`. */
  readonly cause?: PythonExceptionReport;
  /** `__context__`, unless it is suppressed. */
  readonly context?: PythonExceptionReport;
}

/** An exception that Python code did not catch. */
export class PythonError extends Error {
  override readonly name = "PythonError";
  /** What Python said of the exception: class, arguments, errno, OpenSSL's reason. */
  readonly report: PythonExceptionReport;

  constructor(report: PythonExceptionReport) {
    const origin = report.cause ?? report.context;
    super(`${report.type}${report.message === "" ? "" : `: ${report.message}`}`, {
      ...(origin === undefined ? {} : { cause: new PythonError(origin) }),
    });
    this.report = report;
  }

  /** Name of the Python class, without its module. */
  get type(): string {
    return this.report.type;
  }
  /** Module of the Python class. */
  get module(): string {
    return this.report.module;
  }
  /** Python's traceback, ready to print. */
  get traceback(): string {
    return this.report.traceback;
  }
  /** `exception.args`. */
  get args(): readonly unknown[] {
    return this.report.args;
  }
  /** `OSError.errno`, in Pyodide's (WASI's) numbers; prefer `errnoName`. */
  get errno(): number | undefined {
    return this.report.errno;
  }
  /** Name of `errno`: `"ECONNREFUSED"`. */
  get errnoName(): string | undefined {
    return this.report.errnoName;
  }
  /** `ssl.SSLError.library`: `"SSL"`. */
  get library(): string | undefined {
    return this.report.library;
  }
  /** `ssl.SSLError.reason`: `"CERTIFICATE_VERIFY_FAILED"`. */
  get reason(): string | undefined {
    return this.report.reason;
  }
  /** OpenSSL's `X509_V_ERR_…` number, where a certificate was refused. */
  get verifyCode(): number | undefined {
    return this.report.verifyCode;
  }
  /** OpenSSL's text for `verifyCode`. */
  get verifyMessage(): string | undefined {
    return this.report.verifyMessage;
  }
}

/** The worker is gone: every call in flight and every later one rejects with this. */
export class WorkerLostError extends Error {
  override readonly name = "WorkerLostError";
  /** Always the same: compare this, or use `instanceof`. */
  readonly code = "WORKER_LOST";
  /**
   * `terminated`: `terminate()` was called. `exited`: the worker ended by itself. `crashed`: Python or its WebAssembly
   * hit a fatal error and the worker was ended.
   */
  readonly reason: "terminated" | "exited" | "crashed";

  constructor(reason: "terminated" | "exited" | "crashed", message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** `createPython()` could not start. No worker is left behind. */
export class PythonStartError extends Error {
  override readonly name = "PythonStartError";
  /** Always the same: compare this, or use `instanceof`. */
  readonly code = "START_FAILED";
  /** What was being done. */
  readonly stage: "worker" | "pyodide" | "openssl" | "packages";

  constructor(stage: "worker" | "pyodide" | "openssl" | "packages", message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

/** A call of `python.files` failed, as the system call would have. */
export class PythonFileError extends Error {
  override readonly name = "PythonFileError";
  /** POSIX name: `"ENOENT"`. */
  readonly code: string;
  /** The path that the call was given. */
  readonly path: string;

  constructor(code: string, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
