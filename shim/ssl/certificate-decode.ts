import { cast, constants, NULL, type OpenSsl, type Ptr } from "../openssl/index.ts";
import { SslError } from "./failure.ts";
import { libraryFailure } from "./library-failure.ts";
import { stackItems } from "./stack.ts";

/** Value of a name's attribute: text, or the bytes of a BIT STRING in hex. */
type AttributeValue = string | { readonly hex: string };

/** A distinguished name: a list of relative names, each a list of `[attribute, value]`. */
export type DistinguishedName = readonly (readonly (readonly [string, AttributeValue])[])[];

/**
 * What `getpeercert()` answers, key for key and in CPython's order, with lists where Python has tuples. JSON-safe.
 * @cpython _ssl._SSLSocket.getpeercert, _ssl.Certificate.get_info
 */
export interface CertificateInfo {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly version: number;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly subjectAltName?: readonly AlternativeName[];
  readonly OCSP?: readonly string[];
  readonly caIssuers?: readonly string[];
  readonly crlDistributionPoints?: readonly string[];
}

/** `["DNS", "example.org"]`; a directory name has a distinguished name as its value. */
type AlternativeName = readonly [kind: string, value: string | DistinguishedName];

/** The longest line that `_decode_certificate` reads back from a printing BIO: `sizeof(buf) - 1`. */
const PRINT_LIMIT = 2047;

/**
 * Describes a certificate as CPython does (`_decode_certificate` of `_ssl.c`).
 * @throws {SslError} when the certificate's contents can't be decoded
 */
export function decodeCertificate(openssl: OpenSsl, x509: Ptr<"X509">): CertificateInfo {
  const { fn } = openssl;
  const info: { -readonly [K in keyof CertificateInfo]: CertificateInfo[K] } = {
    subject: decodeName(openssl, fn.X509_get_subject_name(x509)),
    issuer: decodeName(openssl, fn.X509_get_issuer_name(x509)),
    version: fn.X509_get_version(x509) + 1,
    serialNumber: printed(openssl, (bio) => fn.i2a_ASN1_INTEGER(bio, fn.X509_get0_serialNumber(x509))),
    notBefore: printed(openssl, (bio) => fn.ASN1_TIME_print(bio, fn.X509_get0_notBefore(x509))),
    notAfter: printed(openssl, (bio) => fn.ASN1_TIME_print(bio, fn.X509_get0_notAfter(x509))),
  };
  const alternativeNames = decodeAlternativeNames(openssl, x509);
  if (alternativeNames) info.subjectAltName = alternativeNames;
  const ocsp = decodeAccessUris(openssl, x509, constants.NID_ad_OCSP);
  if (ocsp) info.OCSP = ocsp;
  const caIssuers = decodeAccessUris(openssl, x509, constants.NID_ad_ca_issuers);
  if (caIssuers) info.caIssuers = caIssuers;
  const crls = decodeCrlDistributionPoints(openssl, x509);
  if (crls) info.crlDistributionPoints = crls;
  return info;
}

/** `_create_tuple_for_X509_NAME`: attributes of one relative name share the entry's set number. */
function decodeName(openssl: OpenSsl, name: Ptr<"X509_NAME">): DistinguishedName {
  const { fn } = openssl;
  const names: [string, AttributeValue][][] = [];
  let currentSet = -1;
  const count = fn.X509_NAME_entry_count(name);
  for (let i = 0; i < count; i++) {
    const entry = fn.X509_NAME_get_entry(name, i);
    const set = fn.X509_NAME_ENTRY_set(entry);
    if (i === 0 || set !== currentSet) names.push([]);
    currentSet = set;
    names.at(-1)?.push(decodeAttribute(openssl, entry));
  }
  return names;
}

/** `_create_tuple_for_attribute`. */
function decodeAttribute(openssl: OpenSsl, entry: Ptr<"X509_NAME_ENTRY">): [string, AttributeValue] {
  const { fn, memory } = openssl;
  const type = objectText(openssl, fn.X509_NAME_ENTRY_get_object(entry), false) ?? "";
  const value = fn.X509_NAME_ENTRY_get_data(entry);
  if (fn.ASN1_STRING_type(value) === constants.V_ASN1_BIT_STRING) {
    return [type, { hex: hex(stringBytes(openssl, value)) }];
  }
  using scope = memory.scope();
  const out = scope.word<"char*">();
  const length = fn.ASN1_STRING_to_UTF8(out, value);
  if (length < 0) throw libraryFailure(openssl, "decodeCertificate");
  const buffer = memory.readPtr<"char">(out);
  const text = memory.copyOut(buffer, length);
  fn.CRYPTO_free(buffer, NULL, 0);
  return [type, utf8(text)];
}

/**
 * Text of an object identifier: its long name, or the dotted form with `noName`; undefined where `noName` finds none.
 * @cpython `_asn1obj2py` of `_ssl.c`
 */
export function objectText(
  openssl: OpenSsl,
  object: Ptr<"ASN1_OBJECT">,
  noName: boolean,
): string | undefined {
  const { fn, memory } = openssl;
  const flag = noName ? 1 : 0;
  const length = fn.OBJ_obj2txt(NULL, 0, object, flag);
  if (length < 0) throw libraryFailure(openssl, "decodeCertificate");
  if (length === 0) return noName ? undefined : "";
  using scope = memory.scope();
  const buffer = scope.alloc(length + 1);
  fn.OBJ_obj2txt(buffer, length + 1, object, flag);
  return utf8(memory.copyOut(buffer, length));
}

/** `_get_peer_alt_names`. */
function decodeAlternativeNames(openssl: OpenSsl, x509: Ptr<"X509">): AlternativeName[] | undefined {
  const { fn } = openssl;
  const names = cast<"GENERAL_NAMES">(fn.X509_get_ext_d2i(x509, constants.NID_subject_alt_name, NULL, NULL));
  if (names === NULL) return undefined;
  try {
    return stackItems<"GENERAL_NAME">(openssl, names).map((name) => decodeAlternativeName(openssl, name));
  } finally {
    fn.GENERAL_NAMES_free(names);
  }
}

function decodeAlternativeName(openssl: OpenSsl, name: Ptr<"GENERAL_NAME">): AlternativeName {
  const { fn } = openssl;
  const { type, value } = generalName(openssl, name);
  switch (type) {
    case constants.GEN_DIRNAME:
      return ["DirName", decodeName(openssl, cast<"X509_NAME">(value))];
    case constants.GEN_EMAIL:
      return ["email", utf8(stringBytes(openssl, cast<"ASN1_STRING">(value)))];
    case constants.GEN_DNS:
      return ["DNS", utf8(stringBytes(openssl, cast<"ASN1_STRING">(value)))];
    case constants.GEN_URI:
      return ["URI", utf8(stringBytes(openssl, cast<"ASN1_STRING">(value)))];
    case constants.GEN_RID:
      return ["Registered ID", objectText(openssl, cast<"ASN1_OBJECT">(value), false) ?? ""];
    case constants.GEN_IPADD:
      return ["IP Address", ipAddressText(stringBytes(openssl, cast<"ASN1_STRING">(value)))];
    default: {
      const line = printed(openssl, (bio) => fn.GENERAL_NAME_print(bio, name));
      const colon = line.indexOf(":");
      if (colon < 0) throw SslError.of("ValueError", `Invalid value ${line.slice(0, 200)}`);
      return [line.slice(0, colon), line.slice(colon + 1)];
    }
  }
}

/** Dotted IPv4; IPv6 as eight groups of upper-case hex without compression, as CPython formats it. */
function ipAddressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  if (address.length !== 16) return "<invalid>";
  const view = new DataView(address.buffer, address.byteOffset, 16);
  return Array.from({ length: 8 }, (_, i) =>
    view
      .getUint16(i * 2)
      .toString(16)
      .toUpperCase(),
  ).join(":");
}

/** `_get_aia_uri`: the URIs of one access method; undefined for none. */
function decodeAccessUris(openssl: OpenSsl, x509: Ptr<"X509">, method: number): string[] | undefined {
  const { fn } = openssl;
  const info = cast<"AUTHORITY_INFO_ACCESS">(
    fn.X509_get_ext_d2i(x509, constants.NID_info_access, NULL, NULL),
  );
  if (info === NULL) return undefined;
  try {
    const uris: string[] = [];
    for (const description of stackItems<"ACCESS_DESCRIPTION">(openssl, info)) {
      if (fn.OBJ_obj2nid(fn.glue_ACCESS_DESCRIPTION_method(description)) !== method) continue;
      const uri = uriOf(openssl, fn.glue_ACCESS_DESCRIPTION_location(description));
      if (uri !== undefined) uris.push(uri);
    }
    return uris.length > 0 ? uris : undefined;
  } finally {
    fn.AUTHORITY_INFO_ACCESS_free(info);
  }
}

/** `_get_crl_dp`: URIs of the full names of the CRL distribution points; undefined for none. */
function decodeCrlDistributionPoints(openssl: OpenSsl, x509: Ptr<"X509">): string[] | undefined {
  const { fn } = openssl;
  const points = cast<"CRL_DIST_POINTS">(
    fn.X509_get_ext_d2i(x509, constants.NID_crl_distribution_points, NULL, NULL),
  );
  if (points === NULL) return undefined;
  try {
    const uris: string[] = [];
    for (const point of stackItems<"DIST_POINT">(openssl, points)) {
      // NULL for an empty point, skipped since CVE-2019-5010, and for a relative name, which CPython misreads as a full one.
      const fullName = fn.glue_DIST_POINT_fullname(point);
      if (fullName === NULL) continue;
      for (const name of stackItems<"GENERAL_NAME">(openssl, fullName)) {
        const uri = uriOf(openssl, name);
        if (uri !== undefined) uris.push(uri);
      }
    }
    return uris.length > 0 ? uris : undefined;
  } finally {
    fn.CRL_DIST_POINTS_free(points);
  }
}

function uriOf(openssl: OpenSsl, name: Ptr<"GENERAL_NAME">): string | undefined {
  const { type, value } = generalName(openssl, name);
  return type === constants.GEN_URI ? utf8(stringBytes(openssl, cast<"ASN1_STRING">(value))) : undefined;
}

function generalName(openssl: OpenSsl, name: Ptr<"GENERAL_NAME">): { type: number; value: Ptr<"void"> } {
  const { fn } = openssl;
  return { type: fn.glue_GENERAL_NAME_type(name), value: fn.GENERAL_NAME_get0_value(name, NULL) };
}

function stringBytes(openssl: OpenSsl, string: Ptr<"ASN1_STRING">): Uint8Array<ArrayBuffer> {
  const { fn, memory } = openssl;
  return memory.copyOut(fn.ASN1_STRING_get0_data(string), fn.ASN1_STRING_length(string));
}

// Uint8Array.toHex() is not in Node 24.
function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Runs a printing function on a memory BIO and reads its first line back, as CPython does with `BIO_gets`. */
function printed(openssl: OpenSsl, print: (bio: Ptr<"BIO">) => unknown): string {
  const { fn, memory } = openssl;
  const bio = fn.BIO_new(fn.BIO_s_mem());
  if (bio === NULL) throw new SslError({ kind: "SSLError", code: null, message: "failed to allocate BIO" });
  try {
    print(bio);
    using scope = memory.scope();
    const buffer = scope.alloc(PRINT_LIMIT);
    const length = fn.BIO_gets(bio, buffer, PRINT_LIMIT);
    if (length < 0) throw libraryFailure(openssl, "decodeCertificate");
    return utf8(memory.copyOut(buffer, length));
  } finally {
    fn.BIO_free(bio);
  }
}

/** Strict UTF-8, as `PyUnicode_FromStringAndSize`; what isn't raises (`UnicodeDecodeError` is a `ValueError`). */
function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw SslError.of("ValueError", "'utf-8' codec can't decode a name in the certificate");
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
