import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  checkSetting,
  completeSettings,
  type GatewaySettings,
  SETTINGS,
  type Setting,
  SettingError,
} from "./settings.ts";

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: "help" }
  | { readonly kind: "run"; readonly settings: GatewaySettings };

const NAMES = Object.keys(SETTINGS) as (keyof GatewaySettings)[];

/**
 * Reads `--option value` arguments over the config file over the defaults.
 * @throws {SettingError} naming the option or key and what it must be
 */
export function readCommandLine(argv: readonly string[]): Invocation {
  const values = parse(argv);
  if (values["help"] === true) return { kind: "help" };
  const config = typeof values["config"] === "string" ? readConfigFile(values["config"]) : {};
  const given: Record<string, unknown> = { ...config };
  for (const name of NAMES) {
    const raw = values[optionName(name)];
    if (raw === undefined) continue;
    const value = fromArgument(SETTINGS[name], raw);
    checkSetting(name, value, `--${optionName(name)}`);
    given[name] = value;
  }
  return { kind: "run", settings: completeSettings(given) };
}

/** The text of `--help`. */
export function helpText(): string {
  const rows = NAMES.map((name) => {
    const setting = SETTINGS[name];
    const option = `--${optionName(name)}${placeholder(setting)}`;
    return `  ${option}\n      ${setting.help}${defaultText(setting)}`;
  });
  return `usage: pyodide-ssl gateway [options]

A Wisp gateway: carries TCP connections of Python in web pages, by policy. What is carried is
the page's own TLS; the gateway sees names and addresses, never content.

  --config FILE
      JSON file with these options in camelCase: { "targetPorts": ["443"], "maxStreams": 500 };
      options given here win over it
  --help

${rows.join("\n")}

List options may be repeated or take several values separated by commas.
Signals: SIGINT and SIGTERM stop gracefully, a second one at once.
Exit status: 0 stopped, 1 failed to run, 2 wrong options.
`;
}

function parse(argv: readonly string[]): Record<string, string | boolean | (string | boolean)[] | undefined> {
  const options = Object.fromEntries(
    NAMES.map((name) => [
      optionName(name),
      {
        type: SETTINGS[name].kind === "boolean" ? "boolean" : "string",
        multiple: SETTINGS[name].kind === "list",
      } as const,
    ]),
  );
  try {
    return parseArgs({
      args: [...argv],
      options: { ...options, config: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    // Node's text goes on about positional arguments after the first sentence.
    throw new SettingError((error as Error).message.split(". ")[0] ?? "wrong options");
  }
}

function readConfigFile(path: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new SettingError(`${path}: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new SettingError(`${path}: must hold a JSON object`);
  }
  for (const [name, value] of Object.entries(parsed)) {
    if (!Object.hasOwn(SETTINGS, name))
      throw new SettingError(`${path}: unknown key "${name}"${suggestion(name)}`);
    checkSetting(name as keyof GatewaySettings, value, `${path}: "${name}"`);
  }
  return parsed as Record<string, unknown>;
}

/** A key written as on the command line is the likeliest mistake. */
function suggestion(name: string): string {
  const known = NAMES.find((candidate) => candidate.toLowerCase() === name.replaceAll("-", "").toLowerCase());
  return known === undefined ? "" : `; did you mean "${known}"?`;
}

function fromArgument(setting: Setting, raw: string | boolean | (string | boolean)[]): unknown {
  if (setting.kind === "list") {
    return (Array.isArray(raw) ? raw : [raw])
      .flatMap((item) => String(item).split(","))
      .filter((item) => item !== "");
  }
  if (setting.kind === "integer") return /^\d+$/.test(String(raw)) ? Number(raw) : raw;
  return raw;
}

function optionName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function placeholder(setting: Setting): string {
  switch (setting.kind) {
    case "boolean":
      return "";
    case "integer":
      return " N";
    case "string":
      return " TEXT";
    case "choice":
      return ` ${setting.choices.join("|")}`;
    case "list":
      return ` ${setting.items.toUpperCase().replaceAll(" OR ", "|").replaceAll(" ", "-")},…`;
  }
}

function defaultText(setting: Setting): string {
  if (setting.kind === "boolean") return "";
  const value = Array.isArray(setting.default) ? setting.default.join(",") : String(setting.default);
  const bounds = setting.kind === "integer" ? `; ${setting.min} to ${setting.max}` : "";
  return ` [${value || "none"}${bounds}]`;
}
