import { momentText } from "../../cells/views/time-text.ts";

/** As-ofs as text: minutes, with seconds where minutes do not tell two of them apart. */
export function asOfTexts(asOfs: readonly string[], zone: string): (asOf: string) => string {
  const byText = Map.groupBy(new Set(asOfs), (asOf) => momentText(asOf, zone));
  return (asOf) => {
    const text = momentText(asOf, zone);
    const isShared = (byText.get(text)?.length ?? 0) > 1;
    return isShared ? `${text}:${String(new Date(asOf).getUTCSeconds()).padStart(2, "0")}` : text;
  };
}
