/** Every setting of the gateway, once: its meaning, default and bounds. The command line and the config file follow from it. */

/** What a gateway can be told; `npx pyodide-ssl gateway --help` has defaults and bounds. */
export interface GatewaySettings {
  /** address to listen on; 0.0.0.0 or :: for every interface */
  host: string;
  /** port to listen on; 0 picks a free one */
  port: number;
  /** path of the WebSocket; ends with a slash */
  path: string;
  /** PEM file with the certificate chain: serves wss:// (needs tls-key) */
  tlsCert: string;
  /** PEM file with the private key */
  tlsKey: string;
  /** target ports that may be connected to */
  targetPorts: readonly string[];
  /** when given, only these target names may be connected to */
  allowHosts: readonly string[];
  /** target names that may not be connected to */
  denyHosts: readonly string[];
  /** target addresses refused besides the private and reserved ones */
  denyAddresses: readonly string[];
  /** pages that may use the gateway, as https://app.example or https://*.example, besides loopback ones */
  origins: readonly string[];
  /** refuse clients that send no Origin header (no browser leaves it out; programs do) */
  requireOrigin: boolean;
  /** proxies whose real-ip-header is believed */
  trustedProxies: readonly string[];
  /** header with the client's address, set by a trusted proxy */
  realIpHeader: string;
  /** WebSockets at once */
  maxConnections: number;
  /** WebSockets at once from one client address */
  maxConnectionsPerClient: number;
  /** streams at once */
  maxStreams: number;
  /** streams at once on one WebSocket */
  maxStreamsPerConnection: number;
  /** new streams a second from one client address, lastingly */
  newStreamsPerSecond: number;
  /** new streams from one client address in a burst */
  newStreamsBurst: number;
  /** for a client to finish Wisp's handshake */
  handshakeTimeoutSeconds: number;
  /** for a name to resolve and a target to answer */
  connectTimeoutSeconds: number;
  /** a stream without a byte in either direction is ended after this */
  idleTimeoutSeconds: number;
  /** between WebSocket pings; a client that misses two is gone */
  pingIntervalSeconds: number;
  /** for streams to end by themselves when the gateway stops */
  stopTimeoutSeconds: number;
  /** buffered for one stream towards its target (plain Wisp can't say bytes: up to eight times this) */
  streamBufferBytes: number;
  /** buffered for one WebSocket before its targets have to wait */
  connectionBufferBytes: number;
  /** largest WebSocket message accepted */
  maxMessageBytes: number;
  /** form of the log on standard output */
  log: "text" | "json" | "none";
  /** DANGER: let clients reach loopback, private and reserved addresses */
  dangerAllowPrivate: boolean;
  /** DANGER: let clients reach these, though private or reserved */
  dangerAllowAddresses: readonly string[];
  /** DANGER: let clients reach every target port */
  dangerAnyPort: boolean;
  /** DANGER: let every web page use the gateway */
  dangerAnyOrigin: boolean;
}

interface Described<Kind extends string, Value> {
  readonly kind: Kind;
  readonly default: Value;
  readonly help: string;
}
interface NumberSetting extends Described<"integer", number> {
  readonly min: number;
  readonly max: number;
}
interface ChoiceSetting extends Described<"choice", string> {
  readonly choices: readonly string[];
}
/** `items` says what an item is, for messages and `--help`. */
interface ListSetting extends Described<"list", readonly string[]> {
  readonly items: string;
}
export type Setting =
  | Described<"string", string>
  | Described<"boolean", boolean>
  | NumberSetting
  | ChoiceSetting
  | ListSetting;

const MIB = 1024 * 1024;

export const SETTINGS: Readonly<Record<keyof GatewaySettings, Setting>> = {
  host: text("127.0.0.1", "address to listen on; 0.0.0.0 or :: for every interface"),
  port: integer(6001, 0, 65535, "port to listen on; 0 picks a free one"),
  path: text("/", "path of the WebSocket; ends with a slash"),
  tlsCert: text("", "PEM file with the certificate chain: serves wss:// (needs tls-key)"),
  tlsKey: text("", "PEM file with the private key"),
  targetPorts: list(["443"], "port or range", "target ports that may be connected to"),
  allowHosts: list([], "name or *.name", "when given, only these target names may be connected to"),
  denyHosts: list([], "name or *.name", "target names that may not be connected to"),
  denyAddresses: list(
    [],
    "address or CIDR",
    "target addresses refused besides the private and reserved ones",
  ),
  origins: list(
    [],
    "origin",
    "pages that may use the gateway, as https://app.example or https://*.example, besides loopback ones",
  ),
  requireOrigin: flag("refuse clients that send no Origin header (no browser leaves it out; programs do)"),
  trustedProxies: list([], "address or CIDR", "proxies whose real-ip-header is believed"),
  realIpHeader: text("x-forwarded-for", "header with the client's address, set by a trusted proxy"),
  maxConnections: integer(256, 1, 1_000_000, "WebSockets at once"),
  maxConnectionsPerClient: integer(16, 1, 1_000_000, "WebSockets at once from one client address"),
  maxStreams: integer(2048, 1, 1_000_000, "streams at once"),
  maxStreamsPerConnection: integer(128, 1, 1_000_000, "streams at once on one WebSocket"),
  newStreamsPerSecond: integer(32, 1, 1_000_000, "new streams a second from one client address, lastingly"),
  newStreamsBurst: integer(256, 1, 1_000_000, "new streams from one client address in a burst"),
  handshakeTimeoutSeconds: integer(10, 1, 3600, "for a client to finish Wisp's handshake"),
  connectTimeoutSeconds: integer(20, 1, 3600, "for a name to resolve and a target to answer"),
  idleTimeoutSeconds: integer(
    600,
    1,
    86_400,
    "a stream without a byte in either direction is ended after this",
  ),
  pingIntervalSeconds: integer(30, 1, 3600, "between WebSocket pings; a client that misses two is gone"),
  stopTimeoutSeconds: integer(10, 0, 3600, "for streams to end by themselves when the gateway stops"),
  streamBufferBytes: integer(
    MIB,
    65_536,
    1024 * MIB,
    "buffered for one stream towards its target (plain Wisp can't say bytes: up to eight times this)",
  ),
  connectionBufferBytes: integer(
    4 * MIB,
    65_536,
    1024 * MIB,
    "buffered for one WebSocket before its targets have to wait",
  ),
  maxMessageBytes: integer(MIB, 65_600, 1024 * MIB, "largest WebSocket message accepted"),
  log: {
    kind: "choice",
    default: "text",
    choices: ["text", "json", "none"],
    help: "form of the log on standard output",
  },
  dangerAllowPrivate: flag("DANGER: let clients reach loopback, private and reserved addresses"),
  dangerAllowAddresses: list(
    [],
    "address or CIDR",
    "DANGER: let clients reach these, though private or reserved",
  ),
  dangerAnyPort: flag("DANGER: let clients reach every target port"),
  dangerAnyOrigin: flag("DANGER: let every web page use the gateway"),
};

/** The settings of a gateway that was told nothing. */
function defaultSettings(): GatewaySettings {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
  ) as unknown as GatewaySettings;
}

/** A setting that is not as it must be. The message says which, what it must be and what it is. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

/**
 * Checks one value against its description.
 * @param label how the user wrote the name: `--max-streams` or `"maxStreams"`
 * @throws {SettingError}
 */
export function checkSetting(name: keyof GatewaySettings, value: unknown, label: string): void {
  const setting = SETTINGS[name];
  const is = `not ${JSON.stringify(value) ?? "undefined"}`;
  switch (setting.kind) {
    case "string":
      if (typeof value !== "string") throw new SettingError(`${label} must be a string, ${is}`);
      break;
    case "boolean":
      if (typeof value !== "boolean") throw new SettingError(`${label} must be true or false, ${is}`);
      break;
    case "integer": {
      const fits =
        Number.isInteger(value) && (value as number) >= setting.min && (value as number) <= setting.max;
      if (!fits)
        throw new SettingError(`${label} must be an integer from ${setting.min} to ${setting.max}, ${is}`);
      break;
    }
    case "choice":
      if (typeof value !== "string" || !setting.choices.includes(value)) {
        throw new SettingError(`${label} must be one of ${setting.choices.join(", ")}, ${is}`);
      }
      break;
    case "list":
      if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
        throw new SettingError(`${label} must be a list of strings (${setting.items}), ${is}`);
      }
      break;
  }
}

/** Fills in defaults and checks every value. @throws {SettingError} also for a name that is no setting */
export function completeSettings(given: Partial<GatewaySettings>): GatewaySettings {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(SETTINGS, name)) throw new SettingError(`"${name}" is not a setting of the gateway`);
    checkSetting(name as keyof GatewaySettings, value, `"${name}"`);
  }
  const settings = { ...defaultSettings(), ...given };
  if ((settings.tlsCert === "") !== (settings.tlsKey === "")) {
    throw new SettingError('"tlsCert" and "tlsKey" must be given together');
  }
  if (!settings.path.startsWith("/") || !settings.path.endsWith("/")) {
    throw new SettingError(`"path" must start and end with a slash, not ${JSON.stringify(settings.path)}`);
  }
  return settings;
}

function text(value: string, help: string): Setting {
  return { kind: "string", default: value, help };
}
function flag(help: string): Setting {
  return { kind: "boolean", default: false, help };
}
function integer(value: number, min: number, max: number, help: string): Setting {
  return { kind: "integer", default: value, min, max, help };
}
function list(value: readonly string[], items: string, help: string): Setting {
  return { kind: "list", default: value, items, help };
}
