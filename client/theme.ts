export type Theme = "system" | "light" | "dark";
export const THEME_NAMES: Readonly<Record<Theme, string>> = { system: "System", light: "Light", dark: "Dark" };
const ORDER: readonly Theme[] = ["system", "light", "dark"];
const KEY = "driftbook-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export function savedTheme(): Theme {
  const saved = localStorage.getItem(KEY);
  return saved === "light" || saved === "dark" ? saved : "system";
}

export const nextTheme = (theme: Theme): Theme => ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length]!;

let current: Theme = "system";
dark.addEventListener("change", () => applyTheme(current));

export function applyTheme(theme: Theme): void {
  current = theme;
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset.theme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
}
