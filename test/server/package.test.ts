import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const root = path.join(import.meta.dirname, "..", "..");
const MOST_UNPACKED_BYTES = 30_000_000;

const NOTEBOOK = `---
driftbook: 1
---
\`\`\`sql name=numbers
SELECT range AS n FROM range(4)
\`\`\`

\`\`\`ts name=total
let sum = 0;
for (const { n } of numbers) sum += Number(n);
sum
\`\`\`
`;

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

test("the packed package is complete: installed into an empty folder it initialises, runs and serves", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "driftbook-package-"));
  try {
    // What prepack builds stands already: npm test builds it first.
    const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
    const [packed] = JSON.parse((await run("npm", pack, { cwd: root, maxBuffer: 64_000_000 })).stdout) as Packed[];
    const names = packed!.files.map((file) => file.path);
    expect(names).toEqual(expect.arrayContaining(["README.md", "LICENSE", "bin/driftbook.js", "dist/web/index.html"]));
    expect(names).toEqual(expect.arrayContaining(["dist/server/main.js", "examples/card-fraud/driftbook.yaml"]));
    expect(
      names.filter((name) => /(^|\/)(test|bench|node_modules|\.driftbook|\.git)\/|\.(db|tsbuildinfo)$/.test(name)),
    ).toEqual([]);
    expect(packed!.unpackedSize).toBeLessThan(MOST_UNPACKED_BYTES);

    const place = path.join(folder, "place");
    await run(
      "npm",
      [
        "install",
        "--prefix",
        place,
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        path.join(folder, packed!.filename),
      ],
      {
        maxBuffer: 64_000_000,
      },
    );
    const program = path.join(place, "node_modules", ".bin", "driftbook");
    const driftbook = (...words: readonly string[]) => run(program, words, { cwd: place, maxBuffer: 64_000_000 });
    const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as { version: string };
    expect((await driftbook("--version")).stdout).toContain(version);
    const workspace = path.join(place, "workspace");
    await driftbook("init", workspace);
    await writeFile(path.join(workspace, "both.nb.md"), NOTEBOOK);
    const { stdout } = await run(program, ["run", "both.nb.md", "--json", "-"], { cwd: workspace });
    const { cells } = JSON.parse(stdout) as { cells: { name: string; status: string; value?: unknown }[] };
    expect(cells.map(({ name, status }) => [name, status])).toEqual([
      ["numbers", "ok"],
      ["total", "ok"],
    ]);
    expect(cells[1]!.value).toBe(6);
    await served(program, workspace);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 300_000);

/** The link that is printed leads to the page, and the page to its script. */
async function served(program: string, workspace: string): Promise<void> {
  const server = spawn(program, ["serve", workspace, "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    let said = "";
    const link = await new Promise<string>((resolve, reject) => {
      const hear = (text: Buffer): void => {
        said += text.toString("utf8");
        const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(said);
        if (found !== null) resolve(found[0]);
      };
      server.stdout.on("data", hear);
      server.stderr.on("data", hear);
      server.once("exit", (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
    });
    const signedIn = await fetch(link, { redirect: "manual" });
    const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
    const page = await fetch(new URL("/", link), { headers: { cookie } });
    expect(page.status).toBe(200);
    const script = /src="(\/[^"]+\.js)"/.exec(await page.text());
    expect((await fetch(new URL(script![1]!, link), { headers: { cookie } })).status).toBe(200);
  } finally {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    process.kill(server.pid!, "SIGTERM");
    await ended;
  }
}
