import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, type Invocation, textOption, UsageError } from "./command.ts";
import { playExample } from "./play-example.ts";

const EXAMPLES = ["card-fraud"] as const;

const SETTINGS = `# A workspace is a folder with this file. Everything in it is optional.
zone: UTC
`;
const IGNORED = `# Made by Driftbook: events, results, keys. Not for git.
.driftbook/
`;

export const initCommand: Command = {
  usage: ["driftbook init DIR [--example card-fraud]"],
  summary: "A new workspace, empty or with the example",
  about: [
    "--example card-fraud   six months of card payments with their feedback, and a notebook that tells their story",
  ],
  options: { example: { type: "string" } },
  arguments: { min: 1, max: 1 },
  async run(invocation) {
    const folder = path.resolve(invocation.positionals[0]!);
    const example = textOption(invocation, "example");
    if (example !== undefined && !EXAMPLES.some((one) => one === example))
      throw new UsageError(`There is no example "${example}"; there is ${EXAMPLES.join(", ")}.`);
    if (existsSync(path.join(folder, "driftbook.yaml")))
      throw new UsageError(`${folder} is a workspace already; nothing was changed.`);
    await mkdir(folder, { recursive: true });
    for (const name of ["streams", "data"]) await mkdir(path.join(folder, name), { recursive: true });
    await writeNew(path.join(folder, ".gitignore"), IGNORED);
    // A folder is a workspace once this file is there; an example that could not be played takes it away again, so that
    // init can be begun anew.
    const settings = path.join(folder, "driftbook.yaml");
    await writeNew(settings, SETTINGS);
    if (example !== undefined) {
      try {
        await makeExample(invocation, folder, example);
      } catch (error) {
        await rm(settings);
        await rm(path.join(folder, ".driftbook"), { recursive: true, force: true });
        throw error;
      }
    }
    invocation.print(
      invocation.json
        ? JSON.stringify({ folder })
        : `${folder} is a workspace. Open it with: driftbook serve ${invocation.positionals[0]}`,
    );
    return 0;
  },
};

async function makeExample(invocation: Invocation, folder: string, example: string): Promise<void> {
  const source = exampleFolder(example);
  await cp(source, folder, {
    recursive: true,
    force: false,
    filter: (file) =>
      !file.endsWith("generate.js") && path.basename(file) !== ".driftbook" && path.basename(file) !== "driftbook.yaml",
  });
  await playExample(invocation, folder, source);
}

/** Beside the sources in a checkout, beside `dist` in the package. */
function exampleFolder(example: string): string {
  for (const up of ["../../examples/", "../../../examples/"]) {
    const found = fileURLToPath(new URL(`${up}${example}`, import.meta.url));
    if (existsSync(found)) return found;
  }
  throw new UsageError(`The example "${example}" is not part of this installation.`);
}

async function writeNew(file: string, text: string): Promise<void> {
  if (!existsSync(file)) await writeFile(file, text, { flag: "wx" });
}
