import { readConfiguration } from "../../server/configuration.ts";
import { quietLog } from "../../server/log.ts";
import { openServices } from "../../server/open-services.ts";

/** A workspace as a server has it, without one: nothing listens, nothing is logged. Who opens them closes them. */
export const quietServices = (folder: string): ReturnType<typeof openServices> =>
  openServices({
    folder,
    configuration: readConfiguration(),
    log: quietLog,
    token: "t".repeat(32),
    localSecret: "s".repeat(32),
    address: () => ({ host: "127.0.0.1", port: 0 }),
  });
