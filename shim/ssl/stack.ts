import { type AnyPtr, cast, type OpenSsl, type Ptr } from "../openssl/index.ts";

/**
 * Items of a `STACK_OF(T)`, borrowed from it; none for NULL. Every `sk_T_num` and `sk_T_value` is the same pair of
 * functions in C (safestack.h), so those of one type serve all.
 */
export function stackItems<T extends string>(openssl: OpenSsl, stack: AnyPtr): Ptr<T>[] {
  const { fn } = openssl;
  const items: Ptr<T>[] = [];
  const count = fn.sk_X509_num(cast(stack));
  for (let i = 0; i < count; i++) items.push(cast(fn.sk_X509_value(cast(stack), i)));
  return items;
}
