/** "threshold 0.8, country DE": what a page of a revision was computed with. */
export const variantText = (set: Readonly<Record<string, unknown>>): string =>
  Object.entries(set)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(", ");

export const valueText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
