// The official client, from where it was installed: FTRACK_NODE_FOLDER names the folder that has node_modules.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import "./shims.mjs";

const folder = process.env.FTRACK_NODE_FOLDER;

export const { Session, Event, SERVER_LOCATION_ID, error, expression, operation, projectSchema } = createRequire(
  join(folder, "package.json"),
)("@ftrack/api");

export const version = JSON.parse(readFileSync(join(folder, "node_modules/@ftrack/api/package.json"))).version;
