/** What the inspector shows of one connection: the package's events, with names in the form that people read. */
import type { ConnectionCertificate, ConnectionEvent, ConnectionTls } from "pyodide-ssl";

/** One certificate of a chain, leaf first. Dates in milliseconds since 1970. */
export interface CertificateView extends Pick<ConnectionCertificate, "notBefore" | "notAfter" | "names"> {
  /** Common name, or the whole name where it has none. */
  readonly subject: string;
  readonly issuer: string;
}

/** What the handshake agreed on. */
export interface TlsView extends Omit<ConnectionTls, "chain"> {
  readonly chain: readonly CertificateView[];
}

/** One connection. */
export interface ConnectionView extends Omit<ConnectionEvent, "tls" | "id"> {
  /** Unique among all Pythons of the page. */
  readonly id: string;
  readonly tls: TlsView | undefined;
}

/** @param generation which of the page's Pythons the event is of */
export function viewOf(event: ConnectionEvent, generation: number): ConnectionView {
  const { tls } = event;
  return {
    ...event,
    id: `${generation}.${event.id}`,
    tls: tls && {
      ...tls,
      chain: tls.chain.map((certificate) => ({
        ...certificate,
        subject: shortName(certificate.subject),
        issuer: shortName(certificate.issuer),
      })),
    },
  };
}

/** The common name of a distinguished name such as `CN=example.org, O=Example`. */
export function shortName(distinguishedName: string): string {
  return /(?:^|, )CN=((?:[^,\\]|\\.)+)/.exec(distinguishedName)?.[1] ?? distinguishedName;
}

/** `12.3 kB`: decimal units, three digits. */
export function formatBytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** `24 Nov 2026`, in the reader's own language. */
export function formatDate(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

const DAY_MS = 86_400_000;

/** How a certificate's dates stand at `now`: `valid`, or what is wrong with them. */
export function validityOf(certificate: CertificateView, now: number): { isValid: boolean; text: string } {
  if (now < certificate.notBefore) return { isValid: false, text: "not valid yet" };
  const isValid = now <= certificate.notAfter;
  const days = Math.floor(Math.abs(certificate.notAfter - now) / DAY_MS);
  if (!isValid)
    return { isValid, text: ["expired today", "expired yesterday"][days] ?? `expired ${days} days ago` };
  if (days === 0) return { isValid, text: "expires today" };
  return {
    isValid,
    text:
      days < 730 ? `${days} ${days === 1 ? "day" : "days"} left` : `${Math.round(days / 365.25)} years left`,
  };
}
