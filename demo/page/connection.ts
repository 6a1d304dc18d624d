/** What the inspector knows of one connection: a plain record that the page keeps up to date from events. */

/** One certificate of a chain, leaf first. Dates in milliseconds since 1970. */
export interface CertificateView {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Names that the certificate is good for, in order. */
  readonly names: readonly string[];
  readonly key?: string | undefined;
  readonly serialNumber?: string | undefined;
}

/** What the handshake agreed on. */
export interface TlsView {
  readonly version: string;
  readonly cipher: string;
  readonly group?: string | undefined;
  readonly alpn?: string | undefined;
  readonly isResumed: boolean;
  /** Whether the certificate chain was verified; undefined where the program asked for no verification. */
  readonly isVerified: boolean;
  readonly sentClientCertificate?: boolean | undefined;
  readonly chain: readonly CertificateView[];
}

/** One connection. */
export interface ConnectionView {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly state: "connecting" | "open" | "closed";
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly tls?: TlsView | undefined;
  readonly error?: string | undefined;
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
  const days = Math.floor((certificate.notAfter - now) / DAY_MS);
  if (days < 0)
    return { isValid: false, text: days === -1 ? "expired yesterday" : `expired ${-days} days ago` };
  if (days === 0) return { isValid: true, text: "expires today" };
  return { isValid: true, text: days < 730 ? `${days} days left` : `${Math.floor(days / 365)} years left` };
}
