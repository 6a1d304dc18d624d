/** What `glue/certificates.c` keeps of peers' certificates, and that it changes nothing but the time it takes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { clientContext, JoinedPair, serverContext } from "./handshake.fixture.ts";
import { constants, type OpenSsl, type Outcome, type Ptr, reasonName } from "./index.ts";
import { start } from "./instance.fixture.ts";

/** More than are kept. */
const MANY = 20;

/** A certificate for `localhost` by the first of two authorities of the same name. */
let files: Record<string, string>;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "pyodide-ssl-"));
  const openssl = (...parameters: string[]): void => {
    execFileSync("openssl", parameters, { cwd: folder, stdio: "ignore" });
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  try {
    // Without identifiers of keys only the name says who the issuer is.
    const none = ["subjectKeyIdentifier=none", "authorityKeyIdentifier=none"];
    writeFileSync(join(folder, "leaf.cnf"), none.join("\n"));
    for (const name of ["ca", "other"]) {
      const extensions = none.flatMap((extension) => ["-addext", extension]);
      openssl(
        "req",
        "-x509",
        ...key,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.pem`,
        "-subj",
        "/CN=CA",
        ...extensions,
      );
    }
    openssl("req", ...key, "-keyout", "key.pem", "-out", "leaf.csr", "-subj", "/CN=localhost");
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "leaf.cnf"];
    openssl("x509", "-req", "-in", "leaf.csr", "-out", "cert.pem", ...authority);
    files = Object.fromEntries(
      ["ca", "other", "key", "cert"].map((name) => [
        `/${name}.pem`,
        readFileSync(join(folder, `${name}.pem`), "utf8"),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The certificate with its last byte changed, which is one of its signature's. */
function withOtherEnd(pem: string, change: number): string {
  const der = Buffer.from(pem.replace(/-----.*-----/g, ""), "base64");
  der[der.length - 1] = (der.at(-1) ?? 0) ^ change;
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

interface Seen {
  readonly outcome: Outcome;
  /** Where the peer's certificate is, until it is freed. */
  readonly certificate: Ptr<"X509">;
}

/** A handshake with a client that trusts the authority in a file, or none. */
function connect(openssl: OpenSsl, ca: string | undefined): Seen {
  const { fn, memory } = openssl;
  using server = serverContext(openssl);
  using client = clientContext(openssl);
  if (ca) memory.scoped((scope) => fn.SSL_CTX_load_verify_file(client.ptr, scope.cString(ca)));
  using pair = new JoinedPair(openssl, client.ptr, server.ptr);
  const { client: outcome } = pair.shakeHands();
  const certificate = fn.SSL_get1_peer_certificate(pair.client.ptr);
  fn.X509_free(certificate);
  return { outcome, certificate };
}

describe("a server's certificate that was seen before", () => {
  test("is the same object, and trusted as before", () => {
    const { openssl } = start(files);
    const first = connect(openssl, "/ca.pem");
    const again = connect(openssl, "/ca.pem");
    expect([first.outcome.ret, again.outcome.ret]).toEqual([1, 1]);
    expect(again.certificate).toBe(first.certificate);
    expect(first.certificate).not.toBe(0);
  });

  test("is refused by who does not trust its issuer", () => {
    const { openssl } = start(files);
    expect(connect(openssl, "/ca.pem").outcome.ret).toBe(1);
    const { outcome } = connect(openssl, undefined);
    expect(reasonName(outcome.error)).toBe("CERTIFICATE_VERIFY_FAILED");
    expect(outcome.verifyResult).toBe(constants.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  });

  test("is checked anew under another key of its issuer's name, and again under the right one", () => {
    const { openssl } = start(files);
    for (const [ca, verified] of [
      ["/ca.pem", constants.X509_V_OK],
      ["/other.pem", constants.X509_V_ERR_CERT_SIGNATURE_FAILURE],
      ["/ca.pem", constants.X509_V_OK],
      ["/other.pem", constants.X509_V_ERR_CERT_SIGNATURE_FAILURE],
    ] as const) {
      expect(connect(openssl, ca).outcome.verifyResult, ca).toBe(verified);
    }
  });

  test("is another one when a byte of it has changed", () => {
    const { openssl, files: memoryFiles } = start(files);
    expect(connect(openssl, "/ca.pem").outcome.ret).toBe(1);
    memoryFiles.put("/cert.pem", Buffer.from(withOtherEnd(files["/cert.pem"] ?? "", 1)));
    const { verifyResult } = connect(openssl, "/ca.pem").outcome;
    expect(verifyResult).toBe(constants.X509_V_ERR_CERT_SIGNATURE_FAILURE);
  });

  test("is forgotten when others have come since: what is kept does not grow", () => {
    const { openssl, files: memoryFiles } = start(files);
    const meetMany = (): void => {
      for (let change = 1; change <= MANY; change++) {
        memoryFiles.put("/cert.pem", Buffer.from(withOtherEnd(files["/cert.pem"] ?? "", change)));
        connect(openssl, "/ca.pem");
      }
    };
    meetMany();
    const before = openssl.liveAllocations();
    for (let round = 0; round < 3; round++) meetMany();
    expect(openssl.liveAllocations()).toBe(before);
  });
});
