import { getEventListeners } from "node:events";
import process from "node:process";
import { expect, test, vi } from "vitest";
import { watchMemory } from "../../../kernels/lifecycle/memory-watch.ts";

test("a watch that looks many times holds no more than one that looked once", async () => {
  const life = new AbortController();
  watchMemory(process.pid, Number.MAX_SAFE_INTEGER, () => expect.fail("no process is that large"), life.signal, 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(getEventListeners(life.signal, "abort").length).toBeLessThanOrEqual(1);
  life.abort();
});

test("who holds too much is told of once; who was ended before, never", async () => {
  const life = new AbortController();
  const told = vi.fn();
  watchMemory(process.pid, 1, told, life.signal, 1);
  await vi.waitUntil(() => told.mock.calls.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toHaveBeenCalledTimes(1);

  const ended = AbortSignal.abort();
  const never = vi.fn();
  watchMemory(process.pid, 1, never, ended, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(never).not.toHaveBeenCalled();
});
