import { test } from "vitest";
import { startEngine } from "../engine/start-engine.ts";
import { CURRENT, keep, measure, REFERENCE } from "./measuring.ts";
test("x", async () => {
  await using s = await startEngine();
  await keep(s.engine, "rows", { decided_at: "TIMESTAMP", x: "DOUBLE" }, []);
  const { readings } = await measure(s.engine, "drift", { from: "rows", window: CURRENT, reference: REFERENCE, columns: ["x"], every: "7 days", min_rows: 1 });
  for (const r of readings) console.log(JSON.stringify(r).slice(0, 300));
});
