/** The connection inspector: one entry per connection, newest first, kept in place while its figures change. */
import {
  type CertificateView,
  type ConnectionView,
  formatBytes,
  formatDate,
  type TlsView,
  validityOf,
} from "./connection.ts";

const LOCK = "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z";
const OPEN_LOCK = "M7 11V8a5 5 0 0 1 9.6-2M6 11h12v9H6z";
const CROSS = "M6 6l12 12M18 6L6 18";

/** Entries kept; older ones fall off the end. */
const MOST_ENTRIES = 200;

/** The parts of the page that the inspector fills. */
export interface InspectorElements {
  readonly list: HTMLElement;
  readonly empty: HTMLElement;
  readonly count: HTMLElement;
}

interface Entry {
  readonly item: HTMLLIElement;
  readonly details: HTMLDetailsElement;
  readonly summary: HTMLElement;
  readonly body: HTMLElement;
  view: ConnectionView;
}

/** Shows {@link ConnectionView}s. */
export class Inspector {
  readonly #elements: InspectorElements;
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new Set<Entry>();
  #frame = 0;

  constructor(elements: InspectorElements) {
    this.#elements = elements;
  }

  /** Shows a connection, or what changed of one that is shown already. */
  show(view: ConnectionView): void {
    let entry = this.#entries.get(view.id);
    if (!entry) {
      entry = this.#add(view);
      this.#forgetOldest();
    }
    entry.view = view;
    this.#changed.add(entry);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      for (const changed of this.#changed) draw(changed);
      this.#changed.clear();
    });
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.item.remove();
    this.#entries.clear();
    this.#changed.clear();
    this.#countUp();
  }

  #add(view: ConnectionView): Entry {
    const item = element("li", "connection");
    const details = element("details");
    const summary = element("summary");
    const body = element("div", "detail");
    details.append(summary, body);
    item.append(details);
    const entry: Entry = { item, details, summary, body, view };
    // What is folded away is drawn when it is opened.
    details.addEventListener("toggle", () => draw(entry));
    this.#entries.set(view.id, entry);
    this.#elements.list.prepend(item);
    this.#countUp();
    return entry;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries;
    if (this.#entries.size <= MOST_ENTRIES || !oldest) return;
    oldest[1].item.remove();
    this.#entries.delete(oldest[0]);
    this.#countUp();
  }

  #countUp(): void {
    const count = this.#entries.size;
    this.#elements.empty.hidden = count > 0;
    this.#elements.count.textContent = count > 0 ? String(count) : "";
  }
}

type Tone = "good" | "warn" | "bad" | "none";

function toneOf(view: ConnectionView): Tone {
  if (view.error !== undefined) return "bad";
  if (view.tls) return view.tls.isVerified ? "good" : "warn";
  return "none";
}

function draw(entry: Entry): void {
  const { view, item, details, summary, body } = entry;
  const tone = toneOf(view);
  item.dataset["tone"] = tone;
  item.dataset["state"] = view.state;
  item.dataset["host"] = `${view.host}:${view.port}`;

  const host = element("span", "host", view.host, element("small", "", `:${view.port}`));
  const traffic = element(
    "span",
    "traffic",
    `↓ ${formatBytes(view.bytesIn)}  ↑ ${formatBytes(view.bytesOut)}`,
  );
  traffic.setAttribute("aria-label", `${formatBytes(view.bytesIn)} in, ${formatBytes(view.bytesOut)} out`);
  const turn = element("span", "turn");
  summary.replaceChildren(icon(tone), host, traffic, turn, element("span", "brief", ...brief(view)));
  if (details.open) body.replaceChildren(...detail(view));
}

/** The line below the host: what matters most, in words. */
function brief(view: ConnectionView): (string | Node)[] {
  if (view.error !== undefined) return [shorten(view.error)];
  const { tls } = view;
  if (!tls)
    return [{ connecting: "Connecting …", open: "Open, not encrypted", closed: "Closed" }[view.state]];
  const facts = [tls.version, tls.group, tls.cipher].filter((fact) => fact !== undefined).join(" · ");
  const extras: (string | Node)[] = [];
  if (view.state === "open") extras.push(" ", element("span", "chip", "open"));
  if (tls.isResumed) extras.push(" ", element("span", "chip", "resumed"));
  if (!tls.isVerified) extras.push(" ", element("span", "chip", "not verified"));
  return [facts, ...extras];
}

function detail(view: ConnectionView): Node[] {
  const { tls } = view;
  const nodes: Node[] = [];
  if (view.error !== undefined && shorten(view.error) !== view.error)
    nodes.push(element("p", "fail", view.error));
  const facts: [string, string | undefined][] = [
    ["Version", tls?.version || undefined],
    ["Cipher", tls?.cipher || undefined],
    ["Key exchange", tls?.group],
    ["ALPN", tls && view.error === undefined ? (tls.alpn ?? "none") : undefined],
    [
      "Session",
      tls && view.error === undefined
        ? tls.isResumed
          ? "resumed from an earlier connection"
          : "new"
        : undefined,
    ],
    ["Certificate", tls ? verdict(view, tls) : undefined],
    ["Bytes", `${view.bytesIn.toLocaleString()} in, ${view.bytesOut.toLocaleString()} out`],
  ];
  const list = element("dl", "facts");
  for (const [name, value] of facts) {
    if (value !== undefined) list.append(element("dt", "", name), element("dd", "", value));
  }
  nodes.push(list);
  if (tls && tls.chain.length > 0) {
    nodes.push(
      element("h3", "", tls.isResumed ? "Certificate chain, from the first connection" : "Certificate chain"),
    );
    nodes.push(chain(tls.chain));
  }
  return nodes;
}

function verdict(view: ConnectionView, tls: TlsView): string {
  if (tls.isVerified) return "verified, up to a trusted root";
  return view.error === undefined ? "not verified: the program did not ask for it" : "refused";
}

function chain(certificates: readonly CertificateView[]): HTMLElement {
  const list = element("ol", "chain");
  const now = Date.now();
  for (const [index, certificate] of certificates.entries()) {
    const isRoot = certificate.subject === certificate.issuer;
    const role = index === 0 ? "server" : isRoot ? "root" : "intermediate";
    const { isValid, text } = validityOf(certificate, now);
    const item = element("li");
    item.dataset["valid"] = String(isValid);
    item.append(element("p", "who", certificate.subject, element("span", "role", role)));
    if (!isRoot) item.append(element("p", "", `issued by ${certificate.issuer}`));
    item.append(
      element(
        "p",
        isValid ? "" : "date-bad",
        `${formatDate(certificate.notBefore)} – ${formatDate(certificate.notAfter)} · ${text}`,
      ),
    );
    if (certificate.names.length > 0) item.append(element("p", "", `for ${certificate.names.join(", ")}`));
    list.append(item);
  }
  return list;
}

/** An error for one line: without the library's and the source file's names, which the details have. */
function shorten(text: string): string {
  const line = (text.split("\n")[0] ?? "").replace(/^\[[\w :]+\] | \(_ssl\.c:\d+\)$/g, "");
  return line.length > 140 ? `${line.slice(0, 139)}…` : line;
}

function icon(tone: Tone): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "lock");
  svg.setAttribute("role", "img");
  svg.setAttribute(
    "aria-label",
    { good: "Verified", warn: "Not verified", bad: "Failed", none: "Plain" }[tone],
  );
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", tone === "good" ? LOCK : tone === "bad" ? CROSS : OPEN_LOCK);
  svg.append(path);
  return svg;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = "",
  ...content: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}
