import { setYamlKey } from "../../yaml/set-yaml-key.ts";
import type { InputValue } from "./input-spec.ts";

/** An input cell's source with another default ("Keep as default"); comments and everything else stay. Null removes it. */
export function withDefault(source: string, value: InputValue): string {
  return setYamlKey(source, "default", value);
}
