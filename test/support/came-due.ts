import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startServer, type TestServer } from "./server.ts";

/** The workspace served again, as if nothing had run for a job since a time: what came due after it is planned now. */
export async function cameDue(server: TestServer, job: string, sinceMillis: number): Promise<TestServer> {
  await server.stop();
  const database = new DatabaseSync(path.join(server.folder, ".driftbook", "monitor.db"));
  database
    .prepare("UPDATE jobs SET through_millis = ?, next_millis = ? WHERE name = ?")
    .run(sinceMillis, sinceMillis + 1, job);
  database.close();
  return startServer({ folder: server.folder });
}
