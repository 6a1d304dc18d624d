/** Two connections of one OpenSSL joined in memory, through the C functions alone. */

import type { TestCertificate } from "./certificate.fixture.ts";
import { constants, NULL, type OpenSsl, type Outcome, type Owned, type Ptr } from "./index.ts";

/** Loads the certificate and key from the files `/cert.pem` and `/key.pem` that the test put there. */
export function serverContext(openssl: OpenSsl): Owned<"SSL_CTX"> {
  const { fn, memory } = openssl;
  const ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_server_method()), fn.SSL_CTX_free);
  memory.scoped((scope) => {
    fn.SSL_CTX_use_certificate_chain_file(ctx.ptr, scope.cString("/cert.pem"));
    fn.SSL_CTX_use_PrivateKey_file(ctx.ptr, scope.cString("/key.pem"), constants.SSL_FILETYPE_PEM);
  });
  if (fn.SSL_CTX_check_private_key(ctx.ptr) !== 1)
    throw new Error("the test's certificate could not be loaded");
  return ctx;
}

/** The files that {@link serverContext} reads. */
export function serverFiles(pair: TestCertificate): Record<string, string> {
  return { "/cert.pem": pair.certificate, "/key.pem": pair.key };
}

/** A client that requires a certificate which the context trusts. */
export function clientContext(openssl: OpenSsl): Owned<"SSL_CTX"> {
  const { fn } = openssl;
  const ctx = openssl.own(fn.SSL_CTX_new(fn.TLS_client_method()), fn.SSL_CTX_free);
  fn.SSL_CTX_set_verify(ctx.ptr, constants.SSL_VERIFY_PEER, NULL);
  return ctx;
}

/** Both ends; what one writes to its BIO the other reads. */
export class JoinedPair implements Disposable {
  readonly client: Owned<"SSL">;
  readonly server: Owned<"SSL">;
  readonly #openssl: OpenSsl;

  constructor(openssl: OpenSsl, client: Ptr<"SSL_CTX">, server: Ptr<"SSL_CTX">) {
    const { fn } = openssl;
    this.#openssl = openssl;
    this.client = openssl.own(fn.SSL_new(client), fn.SSL_free);
    this.server = openssl.own(fn.SSL_new(server), fn.SSL_free);
    const toServer = fn.BIO_new(fn.BIO_s_mem());
    const toClient = fn.BIO_new(fn.BIO_s_mem());
    for (const bio of [toServer, toClient]) {
      fn.BIO_set_mem_eof_return(bio, -1);
      fn.BIO_up_ref(bio);
    }
    fn.SSL_set_bio(this.client.ptr, toClient, toServer);
    fn.SSL_set_bio(this.server.ptr, toServer, toClient);
    fn.SSL_set_connect_state(this.client.ptr);
    fn.SSL_set_accept_state(this.server.ptr);
  }

  /** Shakes hands until neither side gets any further; the last outcome of each. */
  shakeHands(): { readonly client: Outcome; readonly server: Outcome } {
    const { fn, outcome } = this.#openssl;
    const turn = (ssl: Ptr<"SSL">): Outcome => {
      fn.glue_SSL_do_handshake(ssl);
      return outcome.read();
    };
    let client = turn(this.client.ptr);
    let server = turn(this.server.ptr);
    for (let round = 0; round < 6; round++) {
      if (client.sslError === constants.SSL_ERROR_WANT_READ) client = turn(this.client.ptr);
      if (server.sslError === constants.SSL_ERROR_WANT_READ) server = turn(this.server.ptr);
    }
    return { client, server };
  }

  /** Writes bytes on one side and reads what arrives on the other. */
  carry(from: Owned<"SSL">, to: Owned<"SSL">, bytes: Uint8Array): Uint8Array {
    const { fn, memory, outcome } = this.#openssl;
    return memory.scoped((scope) => {
      const place = scope.copyIn(bytes);
      if (fn.glue_SSL_write_ex(from.ptr, place, bytes.length) !== 1) throw new Error("SSL_write_ex failed");
      const target = scope.alloc(bytes.length);
      if (fn.glue_SSL_read_ex(to.ptr, target, bytes.length) !== 1) throw new Error("SSL_read_ex failed");
      return memory.copyOut(target, outcome.byteCount);
    });
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }
}
