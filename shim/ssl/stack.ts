import { type AnyPtr, cast, type OpenSsl, type Ptr } from "../openssl/index.ts";

/** Items of a `STACK_OF(T)`, borrowed from it; none for NULL. */
export function stackItems<T extends string>(openssl: OpenSsl, stack: AnyPtr): Ptr<T>[] {
  const { fn } = openssl;
  const items: Ptr<T>[] = [];
  const count = fn.OPENSSL_sk_num(cast(stack));
  for (let i = 0; i < count; i++) items.push(cast(fn.OPENSSL_sk_value(cast(stack), i)));
  return items;
}
