/** How OpenSSL is configured: each option with its reason. What is not named here stays as OpenSSL has it. */

type Reasons = readonly (readonly [option: string, reason: string])[];

/** What WebAssembly, WASI and the sans-IO shim make impossible or pointless. */
const PLATFORM: Reasons = [
  ["no-asm", "there is no assembly for WebAssembly"],
  ["no-threads", "one instance runs in one thread"],
  ["no-thread-pool", "needs threads"],
  ["no-default-thread-pool", "needs threads"],
  ["no-async", "needs contexts that swap stacks"],
  ["no-sock", "bytes come and go through memory BIOs; WASI has no sockets"],
  ["no-dgram", "needs sockets"],
  ["no-dso", "WASI loads no shared objects"],
  ["no-shared", "one static wasm"],
  ["no-module", "providers are linked in"],
  ["no-pic", "the wasm is not relocated"],
  ["no-pinshared", "nothing is unloaded"],
  ["no-secure-memory", "needs mlock() and mprotect()"],
  ["no-atexit", "the wasm is a library and never exits"],
  ["no-ui-console", "there is no terminal: passwords come from Python"],
  ["no-afalgeng", "Linux's kernel cryptography"],
  ["no-padlockeng", "an engine for VIA's processors"],
  ["no-engine", "engines are loaded from shared objects"],
  ["no-static-engine", "see no-engine"],
  ["no-uplink", "for Windows"],
  [
    "no-autoload-config",
    "/etc/ssl/openssl.cnf does not exist in Pyodide; a file there must not change what is safe",
  ],
];

/** What is no part of the library. */
const TOOLS: Reasons = [
  ["no-apps", "the openssl command"],
  ["no-err", "the texts of errors, most of which are their names, which JavaScript needs"],
  ["no-demos", "examples"],
  ["no-docs", "manual pages"],
  ["no-tests", "OpenSSL's own tests"],
  ["no-acvp-tests", "OpenSSL's own tests"],
  ["no-makedepend", "every build starts from nothing"],
  [
    "no-filenames",
    "CPython does not show where in OpenSSL an error arose; and no path of the build machine gets in",
  ],
];

/** Protocols and formats that `_ssl` has no door to. */
const PROTOCOLS: Reasons = [
  ["no-dtls", "`_ssl` has no DTLS"],
  ["no-srtp", "goes with DTLS"],
  ["no-quic", "`_ssl` has no QUIC"],
  ["no-http", "OpenSSL fetches nothing itself"],
  ["no-ocsp", "`_ssl` neither asks for nor checks OCSP answers; the URLs in certificates are X.509 and stay"],
  ["no-ct", "`_ssl` does not check certificate transparency"],
  ["no-cmp", "certificate management protocol"],
  ["no-cms", "signed mail"],
  ["no-ts", "time stamps"],
  ["no-srp", "`_ssl` has no SRP"],
  ["no-nextprotoneg", "ALPN came in its place; CPython has dropped it"],
  ["no-comp", "compression in TLS leaks secrets (CRIME); CPython forbids it"],
  ["no-ssl-trace", "for the openssl command"],
  ["no-rfc3779", "IP address extensions of routing certificates"],
  ["no-multiblock", "needs assembly"],
];

/** Algorithms that no cipher suite of CPython's and OpenSSL's default lists, no web certificate and no key file needs. */
const ALGORITHMS: Reasons = [
  ["no-legacy", "the provider of broken algorithms"],
  ["no-aria", "not in the default cipher list"],
  ["no-camellia", "not in the default cipher list"],
  ["no-seed", "not in the default cipher list"],
  ["no-idea", "not in the default cipher list"],
  ["no-rc2", "broken"],
  ["no-rc4", "broken, forbidden in TLS (RFC 7465)"],
  ["no-bf", "not in TLS"],
  ["no-cast", "not in TLS"],
  ["no-gost", "needs an engine"],
  ["no-sm2", "China's own suites, only with settings that `_ssl` lacks"],
  ["no-sm3", "goes with SM2"],
  ["no-sm4", "goes with SM2"],
  ["no-ocb", "not in TLS"],
  ["no-siv", "not in TLS"],
  ["no-cmac", "not in TLS"],
  ["no-siphash", "not in TLS"],
  ["no-blake2", "not in TLS or web certificates"],
  ["no-rmd160", "not in TLS or web certificates"],
  ["no-whirlpool", "not in TLS or web certificates"],
  ["no-md4", "broken"],
  ["no-mdc2", "not in TLS or web certificates"],
  ["no-argon2", "not used for key files"],
  ["no-dsa", "not in TLS since OpenSSL 1.1, nor in web certificates"],
  ["no-ec2m", "binary curves, deprecated by RFC 8422"],
  ["no-slh-dsa", "not in TLS, nor in web certificates"],
];

/** What is turned on. */
const ON: Reasons = [
  ["enable-ec_nistp_64_gcc_128", "clang has __int128 for wasm32: halves the time of a P-256 handshake"],
  ["--release", "optimised, without debugging"],
  ["--openssldir=/etc/ssl", "where Pyodide's users put cert.pem and certs/, as on Linux"],
  ["--prefix=/usr", "only gets into text; a plain constant"],
  ["--libdir=lib", "only gets into text; a plain constant"],
  ["--with-rand-seed=getrandom", "seeds from getentropy(), which is WASI's random_get()"],
];

/** All arguments of `Configure` but the target and the compiler's flags. */
export const CONFIGURE_OPTIONS: readonly string[] = [PLATFORM, TOOLS, PROTOCOLS, ALGORITHMS, ON]
  .flat()
  .map(([option]) => option);
