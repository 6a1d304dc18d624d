import { cast, type OpenSsl, type Ptr } from "../openssl/index.ts";
import { SslError } from "./failure.ts";
import { libraryFailure } from "./library-failure.ts";

/**
 * Tells OpenSSL the peer's name: as SNI when it is no address, and as what the certificate must be valid for.
 * @cpython `_ssl_configure_hostname` of `_ssl.c`
 */
export function configureHostname(
  openssl: OpenSsl,
  ssl: Ptr<"SSL">,
  hostname: string,
  isChecked: boolean,
): void {
  // A leading dot would switch on OpenSSL's mode that accepts any sub-domain.
  if (hostname === "" || hostname.startsWith(".")) {
    throw SslError.of("ValueError", "server_hostname cannot be an empty string or start with a leading dot.");
  }
  if (!/^[\x01-\x7f]*$/.test(hostname)) {
    throw SslError.of("ValueError", "server_hostname must be an ASCII string without null characters");
  }
  const { fn, memory } = openssl;
  using scope = memory.scope();
  const name = scope.cString(hostname);
  const address = fn.a2i_IPADDRESS(name);
  fn.ERR_clear_error();
  try {
    if (address === 0 && fn.SSL_set_tlsext_host_name(ssl, name) === 0)
      throw libraryFailure(openssl, "hostname");
    if (!isChecked) return;
    const parameters = fn.SSL_get0_param(ssl);
    const isSet =
      address === 0
        ? fn.X509_VERIFY_PARAM_set1_host(parameters, name, hostname.length)
        : fn.X509_VERIFY_PARAM_set1_ip(
            parameters,
            fn.ASN1_STRING_get0_data(cast(address)),
            fn.ASN1_STRING_length(cast(address)),
          );
    if (isSet === 0) throw libraryFailure(openssl, "hostname");
  } finally {
    fn.ASN1_OCTET_STRING_free(address);
  }
}
