/** What text of an e-mail is written in. */
export type Ink = "text" | "strong" | "muted" | "ok" | "warn" | "fail" | "link";

const LIGHT: Readonly<Record<Ink, string>> = {
  text: "#1d2126",
  strong: "#1d2126",
  muted: "#5f6975",
  ok: "#1d7a46",
  warn: "#8f5a00",
  fail: "#b3261e",
  link: "#2460c8",
};
const DARK: Readonly<Record<Ink, string>> = {
  text: "#e3e7ec",
  strong: "#e3e7ec",
  muted: "#a0aab6",
  ok: "#5fc48a",
  warn: "#e0a84a",
  fail: "#ff8a80",
  link: "#7fabff",
};

/** Seen on light and on dark: a mail program may darken the ground and leave these as they are. */
export const BARS: Readonly<Record<"ok" | "warn" | "fail" | "zero", string>> = {
  ok: "#5b87d6",
  warn: "#b97a10",
  fail: "#d9463c",
  zero: "#8a939e",
};

export const GROUND = "background-color:#ffffff";
export const LINE = "border-top:1px solid #e1e5ea";

/** A colour beside the element for programs that know no style sheets, and its class for those that do and are dark. */
export function ink(name: Ink, style = ""): { readonly class: string; readonly style: string } {
  const weight = name === "strong" ? ";font-weight:600" : "";
  return { class: name, style: `${style === "" ? "" : `${style};`}color:${LIGHT[name]}${weight}` };
}

/** The only sheet: without it the e-mail is light, and all there. */
export const DARK_SHEET = `@media (prefers-color-scheme:dark){.ground{background-color:#14171b!important}.line{border-color:#2a3038!important}${Object.entries(
  DARK,
)
  .map(([name, color]) => `.${name}{color:${color}!important}`)
  .join("")}}`;
