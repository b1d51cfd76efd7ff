import type { Random } from "../../test/support/random.ts";

/** Shapes that statistics are easily wrong about. `shift` moves the current sample, in about standard deviations. */
export const SHAPES = {
  normal: (random: Random, shift: number) => normal(random) + shift,
  lognormal: (random: Random, shift: number) => Math.exp(3 + normal(random) + shift) - 4.7,
  ties: (random: Random, shift: number) => Math.round((normal(random) + shift) * 10) / 10,
  integers: (random: Random, shift: number) => Math.floor(random.next() * 12 + shift),
  "three integers": (random: Random, shift: number) => Math.floor(3 * random.next() ** (1 + shift)),
  "seven integers": (random: Random, shift: number) => Math.floor(random.next() * 7 + shift),
  "wide integers": (random: Random, shift: number) => Math.floor((random.next() - 0.01) * 100_000 * (1 + shift / 5)),
  "few values": (random: Random, shift: number) =>
    [-4.7, 1, 2.5][random.next() > 0.6 + shift / 10 ? 0 : random.integer(1, 2)]!,
  "forty values": (random: Random, shift: number) => Math.floor(40 * random.next() ** (1 + shift)) / 8,
  tiny: (random: Random, shift: number) => Math.exp(normal(random) + shift) * 1e-9,
  "near 2^53": (random: Random, shift: number) => 2 ** 53 - 2 * Math.floor(random.next() * 2000 * (1 + shift)),
  constant: () => 7.25,
} as const satisfies Record<string, (random: Random, shift: number) => number>;

export type Shape = keyof typeof SHAPES;

export function sample(shape: Shape, rows: number, random: Random, shift = 0): number[] {
  return Array.from({ length: rows }, () => SHAPES[shape](random, shift));
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** A category's number, small ones often. */
export function skewed(random: Random, categories: number): number {
  return Math.floor(categories * random.next() ** 3);
}
