import { expect, test } from "vitest";
import { makeCertificate } from "./certificate.fixture.ts";
import { clientContext, JoinedPair, serverContext, serverFiles } from "./handshake.fixture.ts";
import { start } from "./instance.fixture.ts";

// The openssl command made the key, so that what is signed and verified here agrees with it about the curve's base point.
test.each([
  ["Ed25519", ["ed25519"], "X25519"],
  ["Ed448", ["ed448"], "X448"],
  ["P-521", ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"], "P-521"],
])(
  "a certificate with an %s key is shown and verified, and keys are exchanged",
  (_name, algorithm, group) => {
    const { openssl } = start(serverFiles(makeCertificate(algorithm)));
    const { fn, memory } = openssl;
    using server = serverContext(openssl);
    using client = clientContext(openssl);
    memory.scoped((scope) => {
      expect(fn.SSL_CTX_load_verify_file(client.ptr, scope.cString("/cert.pem"))).toBe(1);
      for (const { ptr } of [server, client])
        expect(fn.SSL_CTX_set1_groups_list(ptr, scope.cString(group))).toBe(1);
    });
    using pair = new JoinedPair(openssl, client.ptr, server.ptr);
    pair.shakeHands();
    expect(fn.SSL_get_verify_result(pair.client.ptr)).toBe(0);
    expect(fn.SSL_is_init_finished(pair.client.ptr)).toBe(1);
  },
);
