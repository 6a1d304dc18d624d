import { constants, NULL, type OpenSsl, Owned, type Ptr } from "../openssl/index.ts";
import type { SslEngine } from "./engine.ts";
import { osFailure, refuseEmptyPath, SslError, type SslFailure } from "./failure.ts";
import { fileFailure, libraryFailure } from "./library-failure.ts";

type Context = Ptr<"SSL_CTX">;

/**
 * A private key's password: bytes, or what asks for them when a key turns out to be encrypted. Bytes are zeroed after
 * use. Asking may fail: with a failure to throw, or with undefined for an exception that the Python side has kept.
 */
export type Password = Uint8Array | (() => Uint8Array | SslFailure | undefined);

/**
 * @cpython _ssl._SSLContext.load_cert_chain
 * @param keyFile null: the key is in `certFile`
 */
export function loadCertChain(
  engine: SslEngine,
  ctx: Context,
  certFile: string,
  keyFile: string | null,
  password: Password | null,
): void {
  const { openssl } = engine;
  const { fn, memory } = openssl;
  refuseEmptyPath(certFile);
  const request = new PasswordRequest(password ?? askNobody);
  using scope = memory.scope();
  const certificate = scope.cString(certFile);
  const key = keyFile === null ? certificate : scope.cString(keyFile);
  fn.glue_SSL_CTX_enable_password_callback(ctx, 1);
  engine.passwordRequest = request;
  try {
    fn.glue_clear_failure();
    let isLoaded = fn.SSL_CTX_use_certificate_chain_file(ctx, certificate);
    fn.glue_capture_failure();
    if (isLoaded !== 1)
      throw request.error() ?? fileFailure(openssl, openssl.outcome.read(), "certificateChainFile");
    if (keyFile !== null) refuseEmptyPath(keyFile);
    // errno is not cleared between the two in CPython either, but a success has left none here.
    fn.glue_clear_failure();
    isLoaded = fn.SSL_CTX_use_PrivateKey_file(ctx, key, constants.SSL_FILETYPE_PEM);
    fn.glue_capture_failure();
    if (isLoaded !== 1)
      throw request.error() ?? fileFailure(openssl, openssl.outcome.read(), "privateKeyFile");
    if (fn.SSL_CTX_check_private_key(ctx) !== 1) throw libraryFailure(openssl, "checkPrivateKey");
    fn.ERR_clear_error();
  } finally {
    engine.passwordRequest = undefined;
    fn.glue_SSL_CTX_enable_password_callback(ctx, 0);
    request[Symbol.dispose]();
  }
}

/** Natively OpenSSL asks at the terminal; where there is none, that leaves this error. */
function askNobody(): SslFailure {
  return osFailure("EINVAL");
}

/** What OpenSSL's password callback finds during one `load_cert_chain`. @cpython `_password_callback` of `_ssl.c` */
export class PasswordRequest implements Disposable {
  readonly #password: Password;
  #bytes: Uint8Array | undefined;
  #failure: SslFailure | undefined;

  constructor(password: Password) {
    this.#password = password;
    if (password instanceof Uint8Array) this.#bytes = password;
  }

  /** Password of at most `capacity` bytes, or undefined: failed, now or before (OpenSSL asks again after a failure). */
  answer(capacity: number): Uint8Array | undefined {
    if (this.#failure) return undefined;
    if (typeof this.#password === "function") {
      const answer = this.#password();
      if (answer === undefined) return this.#fail({ kind: "CallbackError", code: null, message: "" });
      if (!(answer instanceof Uint8Array)) return this.#fail(answer);
      this.#bytes?.fill(0);
      this.#bytes = answer;
    }
    if (this.#bytes === undefined || this.#bytes.length > capacity) {
      const message = `password cannot be longer than ${String(capacity)} bytes`;
      return this.#fail({ kind: "ValueError", code: null, message });
    }
    // A copy: the border wipes what it hands over, and OpenSSL may ask again.
    return this.#bytes.slice();
  }

  /** What asking led to, when it failed; it wins over OpenSSL's error. */
  error(): SslError | undefined {
    return this.#failure && new SslError(this.#failure);
  }

  #fail(failure: SslFailure): undefined {
    this.#failure = failure;
  }

  [Symbol.dispose](): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }
}

/** @cpython _ssl._SSLContext.load_dh_params */
export function loadDhParams(openssl: OpenSsl, ctx: Context, path: string): void {
  refuseEmptyPath(path, path);
  const { fn, memory } = openssl;
  using scope = memory.scope();
  fn.glue_clear_failure();
  const file = fn.BIO_new_file(scope.cString(path), scope.cString("rb"));
  if (file === NULL) {
    fn.glue_capture_failure();
    throw fileFailure(openssl, openssl.outcome.read(), "dhParamsFile", path);
  }
  using bio = new Owned(file, fn.BIO_free);
  fn.glue_clear_failure();
  const dh = fn.PEM_read_bio_DHparams(bio.ptr, NULL, NULL, NULL);
  fn.glue_capture_failure();
  if (dh === NULL) throw fileFailure(openssl, openssl.outcome.read(), "dhParamsFile", path);
  const isSet = fn.SSL_CTX_set_tmp_dh(ctx, dh);
  fn.DH_free(dh);
  if (isSet === 0) throw libraryFailure(openssl, "dhParamsUse");
}

/** @cpython _ssl._SSLContext.set_ecdh_curve */
export function setEcdhCurve(openssl: OpenSsl, ctx: Context, name: string): void {
  const { fn, memory } = openssl;
  using scope = memory.scope();
  const nid = fn.OBJ_sn2nid(scope.cString(name));
  if (nid === constants.NID_undef) throw SslError.of("ValueError", `unknown elliptic curve name '${name}'`);
  const nids = scope.word<"int">();
  memory.writeI32(nids, nid);
  if (fn.SSL_CTX_set1_groups(ctx, nids, 1) === 0) throw libraryFailure(openssl, "ecdhCurve");
}
