/** Nominal types: a value that has passed a check keeps a mark of it in its type. */
declare const brand: unique symbol

/** `T` that carries the mark `B`; made only by the function that checks it. */
export type Brand<T, B extends string> = T & { readonly [brand]: B }
