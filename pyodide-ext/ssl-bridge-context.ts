/** The bridge's calls for `_ssl._SSLContext`. */
import { InvariantError } from "../shim/openssl/index.ts";
import type { Password, SslContext } from "../shim/ssl/index.ts";
import type { BridgeState, FAILED } from "./ssl-bridge-state.ts";

type Outcome = void | typeof FAILED;
type SettingValue = number | bigint | boolean;

/** How `loadCertChain` gets a password. */
const PASSWORD_STAGED = 1;
const PASSWORD_ASKED = 2;

/** Settings by the name that Python uses. */
const SETTINGS: Readonly<
  Record<
    string,
    { get(context: SslContext): SettingValue; set?(context: SslContext, value: SettingValue): void }
  >
> = {
  checkHostname: {
    get: (context) => context.checkHostname,
    set: (context, value) => void (context.checkHostname = Boolean(value)),
  },
  hostFlags: {
    get: (context) => context.hostFlags,
    set: (context, value) => void (context.hostFlags = Number(value)),
  },
  maximumVersion: {
    get: (context) => context.maximumVersion,
    set: (context, value) => void (context.maximumVersion = Number(value)),
  },
  minimumVersion: {
    get: (context) => context.minimumVersion,
    set: (context, value) => void (context.minimumVersion = Number(value)),
  },
  numTickets: {
    get: (context) => context.numTickets,
    set: (context, value) => void (context.numTickets = Number(value)),
  },
  options: {
    get: (context) => context.options,
    set: (context, value) => void (context.options = BigInt(value)),
  },
  postHandshakeAuth: {
    get: (context) => context.postHandshakeAuth,
    set: (context, value) => void (context.postHandshakeAuth = Boolean(value)),
  },
  securityLevel: { get: (context) => context.securityLevel },
  verifyFlags: {
    get: (context) => context.verifyFlags,
    set: (context, value) => void (context.verifyFlags = Number(value)),
  },
  verifyMode: {
    get: (context) => context.verifyMode,
    set: (context, value) => void (context.verifyMode = Number(value)),
  },
};

/** Calls that take a context's handle. Failures are told by FAILED. */
export class ContextCalls {
  readonly #state: BridgeState;

  constructor(state: BridgeState) {
    this.#state = state;
  }

  newContext(protocol: number): number {
    return this.#state.attempt(() =>
      this.#state.handles.add("context", this.#state.engine.newContext(protocol)),
    );
  }

  contextGet(handle: number, name: string): SettingValue {
    return this.#state.attempt(() => setting(name).get(this.#context(handle)));
  }

  contextSet(handle: number, name: string, value: SettingValue): Outcome {
    return this.#state.attempt(() => setting(name).set?.(this.#context(handle), value));
  }

  setCiphers(handle: number, cipherList: string): Outcome {
    return this.#state.attempt(() => this.#context(handle).setCiphers(cipherList));
  }

  getCiphers(handle: number): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#context(handle).getCiphers()));
  }

  setCiphersuites(handle: number, cipherSuites: string): Outcome {
    return this.#state.attempt(() => this.#context(handle).setCipherSuites(cipherSuites));
  }

  setGroups(handle: number, groups: string): Outcome {
    return this.#state.attempt(() => this.#context(handle).setGroups(groups));
  }

  getGroups(handle: number, includeAliases: boolean): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#context(handle).getGroups(includeAliases)));
  }

  setSigalgs(handle: number, side: "client" | "server", list: string): Outcome {
    return this.#state.attempt(() => this.#context(handle).setSignatureAlgorithms(side, list));
  }

  setAlpnProtocols(handle: number, byteLength: number): Outcome {
    const protocols = this.#state.staged(byteLength);
    return this.#state.attempt(() => this.#context(handle).setAlpnProtocols(protocols));
  }

  setEcdhCurve(handle: number, name: string): Outcome {
    return this.#state.attempt(() => this.#context(handle).setEcdhCurve(name));
  }

  loadDhParams(handle: number, path: string): Outcome {
    return this.#state.attempt(() => this.#context(handle).loadDhParams(path));
  }

  /** @param way how the password comes: not, staged just before, or by asking Python when it is needed */
  loadCertChain(handle: number, certFile: string, keyFile: string | undefined, way: number): Outcome {
    const state = this.#state;
    let password: Password | null = null;
    if (way === PASSWORD_STAGED) password = state.staged(Number.POSITIVE_INFINITY);
    if (way === PASSWORD_ASKED) {
      password = () => {
        const byteLength = state.call("password") ?? -1;
        return byteLength < 0 ? undefined : state.staged(byteLength);
      };
    }
    return state.attempt(() => this.#context(handle).loadCertChain(certFile, keyFile ?? null, password));
  }

  /** @param derLength bytes staged just before: DER certificates */
  loadVerifyLocations(
    handle: number,
    caFile: string | undefined,
    caPath: string | undefined,
    pem: string | undefined,
    derLength: number | undefined,
  ): Outcome {
    const data = derLength === undefined ? (pem ?? null) : this.#state.staged(derLength);
    return this.#state.attempt(() =>
      this.#context(handle).loadVerifyLocations(caFile ?? null, caPath ?? null, data),
    );
  }

  setDefaultVerifyPaths(handle: number): Outcome {
    return this.#state.attempt(() => this.#context(handle).setDefaultVerifyPaths());
  }

  certStoreStats(handle: number): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#context(handle).certStoreStats()));
  }

  getCaCerts(handle: number): string | typeof FAILED {
    return this.#state.attempt(() =>
      JSON.stringify(
        this.#context(handle)
          .getCaCerts()
          .map((info) => JSON.stringify(info)),
      ),
    );
  }

  /** Each certificate after its length in four bytes, big-endian. */
  getCaCertsDer(handle: number): Uint8Array | typeof FAILED {
    return this.#state.attempt(() => {
      const certificates = this.#context(handle).getCaCertsDer();
      const packed = new Uint8Array(certificates.reduce((sum, { length }) => sum + 4 + length, 0));
      const view = new DataView(packed.buffer);
      let offset = 0;
      for (const certificate of certificates) {
        view.setUint32(offset, certificate.length);
        packed.set(certificate, offset + 4);
        offset += 4 + certificate.length;
      }
      return packed;
    });
  }

  sessionStats(handle: number): string | typeof FAILED {
    return this.#state.attempt(() => JSON.stringify(this.#context(handle).sessionStats()));
  }

  setKeylogFilename(handle: number, path: string | undefined): Outcome {
    return this.#state.attempt(() => void (this.#context(handle).keylogFilename = path ?? null));
  }

  setSniCallback(handle: number, isOn: boolean): Outcome {
    const state = this.#state;
    const callback = (_connection: unknown, name: string | null): number | null => {
      const alert = state.call("serverName", name ?? undefined) ?? -1;
      return alert < 0 ? null : alert;
    };
    return state.attempt(() => this.#context(handle).setSniCallback(isOn ? callback : null));
  }

  setMessageCallback(handle: number, isOn: boolean): Outcome {
    const state = this.#state;
    const callback = (_connection: unknown, ...message: unknown[]): void => {
      state.call("message", ...message);
    };
    return state.attempt(() => this.#context(handle).setMessageCallback(isOn ? callback : null));
  }

  setPskClientCallback(handle: number, isOn: boolean): Outcome {
    const state = this.#state;
    const callback = (_connection: unknown, hint: string | null) => {
      const lengths = state.call("pskClient", hint ?? undefined) ?? -1;
      if (lengths < 0) return undefined;
      const identityLength = Math.floor(lengths / 0x1_0000);
      const staged = state.staged(identityLength + (lengths % 0x1_0000));
      return { identity: staged.subarray(0, identityLength), psk: staged.subarray(identityLength) };
    };
    return state.attempt(() => this.#context(handle).setPskClientCallback(isOn ? callback : null));
  }

  setPskServerCallback(handle: number, isOn: boolean, identityHint: string | undefined): Outcome {
    const state = this.#state;
    const callback = (_connection: unknown, identity: string | null) => {
      const byteLength = state.call("pskServer", identity ?? undefined) ?? -1;
      return byteLength < 0 ? undefined : state.staged(byteLength);
    };
    return state.attempt(() =>
      this.#context(handle).setPskServerCallback(isOn ? callback : null, identityHint ?? null),
    );
  }

  #context(handle: number): SslContext {
    return this.#state.handles.get("context", handle);
  }
}

function setting(name: string): (typeof SETTINGS)[string] {
  const found = SETTINGS[name];
  if (found === undefined) throw new InvariantError(`a context has no setting ${name}`);
  return found;
}
