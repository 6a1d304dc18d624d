/** Addresses in OpenSSL's memory, branded with the C type they point to. */

declare const pointee: unique symbol;

/** The address of a C value of type `T`; 0 is NULL. A number, so nothing keeps what it points to alive. */
export type Ptr<T extends string> = number & { readonly [pointee]: T };

/** C's `void *` as a parameter: any address. */
export type AnyPtr = Ptr<string>;

/** NULL, for a parameter of any pointer type. */
export const NULL = 0 as Ptr<never>;

/** Says that an address has another C type than declared: C's cast, and as unchecked. */
export function cast<T extends string>(ptr: AnyPtr): Ptr<T> {
  return ptr as Ptr<T>;
}
