import { constants, type OpenSsl, Owned, type Ptr } from "../openssl/index.ts";
import { objectText } from "./certificate-decode.ts";
import { SslError } from "./failure.ts";

/** NID, short name, long name and dotted OID (null where it has none) of an ASN.1 object. */
export type Asn1Object = readonly [nid: number, shortName: string, longName: string, oid: string | null];

/** Looks an object up by OID, with `name` by short and long name too. @cpython _ssl.txt2obj */
export function txt2obj(openssl: OpenSsl, text: string, name = false): Asn1Object {
  const { fn, memory } = openssl;
  using scope = memory.scope();
  const found = fn.OBJ_txt2obj(scope.cString(text), name ? 0 : 1);
  if (found === 0) {
    fn.ERR_clear_error();
    throw SslError.of("ValueError", `unknown object '${text.slice(0, 100)}'`);
  }
  using object = new Owned(found, fn.ASN1_OBJECT_free);
  return describeObject(openssl, object.ptr);
}

/** Looks an object up by NID. @cpython _ssl.nid2obj */
export function nid2obj(openssl: OpenSsl, nid: number): Asn1Object {
  if (nid < constants.NID_undef) throw SslError.of("ValueError", "NID must be positive.");
  const object = openssl.fn.OBJ_nid2obj(nid);
  if (object === 0) {
    openssl.fn.ERR_clear_error();
    throw SslError.of("ValueError", `unknown NID ${String(nid)}`);
  }
  return describeObject(openssl, object);
}

/** `asn1obj2py` of `_ssl.c`. */
function describeObject(openssl: OpenSsl, object: Ptr<"ASN1_OBJECT">): Asn1Object {
  const { fn, memory } = openssl;
  const nid = fn.OBJ_obj2nid(object);
  if (nid === constants.NID_undef) throw SslError.of("ValueError", "Unknown object");
  return [
    nid,
    memory.readCString(fn.OBJ_nid2sn(nid)),
    memory.readCString(fn.OBJ_nid2ln(nid)),
    objectText(openssl, object, true) ?? null,
  ];
}
