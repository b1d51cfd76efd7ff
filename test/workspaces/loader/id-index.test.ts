import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { compareIds, EntryList, IMPORT_LANE, LANES } from "../../../workspaces/loader/id-entries.ts";
import { CONFLICT, DUPLICATE, IdIndex, NEW } from "../../../workspaces/loader/id-index.ts";
import { Random } from "../../support/random.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Event {
  readonly id: number;
  readonly content: number;
}

/** Events as sorted entries; ids are spread over the lanes as hashes are. */
function entriesOf(events: readonly Event[], importNumber: number): { entries: EntryList; sorted: Event[] } {
  const spread = (id: number): readonly number[] => [Math.imul(id, 0x9e3779b1) >>> 0, id, 7, id * 3];
  const sorted = events
    .map((event, at) => ({ event, at, lanes: Uint32Array.from(spread(event.id)) }))
    .sort((a, b) => compareIds(a.lanes, 0, b.lanes, 0) || a.at - b.at);
  const lanes = new Uint32Array(events.length * LANES);
  for (const [row, { event, lanes: id }] of sorted.entries()) {
    lanes.set(id, row * LANES);
    lanes.set([event.content, 1, 2, 3], row * LANES + 4);
    lanes[row * LANES + IMPORT_LANE] = importNumber;
  }
  return { entries: new EntryList(lanes, events.length), sorted: sorted.map(({ event }) => event) };
}

/** What the index promises, said plainly: the newest entry that holds an id decides. */
class Model {
  readonly known: { readonly id: number; readonly content: number; readonly importNumber: number }[] = [];
  readonly withdrawn = new Set<number>();

  judge(events: readonly Event[]): number[] {
    const inBatch = new Map<number, Event>();
    return events.map((event) => {
      const held = this.known.findLast(({ id, importNumber }) => id === event.id && !this.withdrawn.has(importNumber));
      const before = held ?? inBatch.get(event.id);
      if (before === undefined) {
        inBatch.set(event.id, event);
        return NEW;
      }
      return before.content === event.content ? DUPLICATE : CONFLICT;
    });
  }
}

test("over random batches, imports, withdrawals, merges and restarts it judges as the plain list does", async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = new Random(seed);
    const folder = mkdtempSync(path.join(tmpdir(), "driftbook-ids-"));
    folders.push(folder);
    const model = new Model();
    const open = (): IdIndex => new IdIndex(folder, (number) => model.withdrawn.has(number));
    let index = open();
    // As the catalog keeps them: oldest first.
    let files: string[] = [];
    let imports = 0;
    for (let step = 0; step < 60; step += 1) {
      const what = random.integer(0, 9);
      if (what === 0 && imports > 0) {
        model.withdrawn.add(random.integer(1, imports));
      } else if (what === 1) {
        index.close();
        index = open();
        expect(index.open(files)).toEqual([]);
      } else if (what <= 3) {
        const sources = index.mergeCandidate();
        if (sources === null) continue;
        const merged = await index.merge(sources, `m-${step}.run`, async () => {});
        const at = files.indexOf(sources[0]!);
        files = [...files.slice(0, at), merged.file, ...files.slice(at + sources.length)];
        index.replace(sources, merged.file);
      } else {
        const importNumber = random.chance(0.3) ? ++imports : 0;
        const events = Array.from({ length: random.integer(1, 60) }, () => ({
          id: random.integer(0, 150),
          content: random.integer(0, 2),
        }));
        const { entries, sorted } = entriesOf(events, importNumber);
        const verdicts = new Uint8Array(events.length);
        index.judge(entries, verdicts);
        expect([seed, step, ...verdicts]).toEqual([seed, step, ...model.judge(sorted)]);
        for (const [row, event] of sorted.entries())
          if (verdicts[row] === NEW) model.known.push({ ...event, importNumber });
        const run = index.write(entries, verdicts, `r-${step}.run`);
        if (run === null) continue;
        files.push(run.file);
        index.add(run.file);
      }
    }
    index.close();
  }
});
