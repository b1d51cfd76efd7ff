/** What is used of cephes 3.3.3, which ships its types where `exports` does not reach them. */
declare module "cephes" {
  /** Resolves once the functions may be called. */
  export const compiled: Promise<void>;
  export function erfc(x: number): number;
  export function kolmogorov(x: number): number;
  export function ndtri(p: number): number;
}
