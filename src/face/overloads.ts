// The overloads of a function type as a list, because a conditional type on its own sees the last one only.

/** True for exactly the same type. */
export type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

/** `[parameters, result]` of each overload, in order; of more than sixteen, the last sixteen. */
export type Overloads<F> = F extends { (...args: infer A): infer R; (...args: infer B): infer S }
  ? Same<[A, R], [B, S]> extends true
    ? [[A, R]]
    : Distinct<Sixteen<F>>
  : [];

// A shorter list of overloads is matched from its end, and its first one fills the places before.
type Distinct<L> = L extends [infer X, infer Y, ...infer Z]
  ? Same<X, Y> extends true
    ? Distinct<[Y, ...Z]>
    : [X, ...Distinct<[Y, ...Z]>]
  : L;

type Sixteen<F> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
  (...args: infer A7): infer R7;
  (...args: infer A8): infer R8;
  (...args: infer A9): infer R9;
  (...args: infer A10): infer R10;
  (...args: infer A11): infer R11;
  (...args: infer A12): infer R12;
  (...args: infer A13): infer R13;
  (...args: infer A14): infer R14;
  (...args: infer A15): infer R15;
  (...args: infer A16): infer R16;
}
  ? [
      [A1, R1],
      [A2, R2],
      [A3, R3],
      [A4, R4],
      [A5, R5],
      [A6, R6],
      [A7, R7],
      [A8, R8],
      [A9, R9],
      [A10, R10],
      [A11, R11],
      [A12, R12],
      [A13, R13],
      [A14, R14],
      [A15, R15],
      [A16, R16],
    ]
  : [];
