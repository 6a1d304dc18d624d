/**
 * `npm run docs`: writes what documents are made of: the tables from the lists of expectations, and docs/api from the TSDoc.
 * `e2e/docs` fails when what is committed is not what this writes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Application } from "typedoc";
import { writeDocuments } from "../conformance/documents.ts";
import { ROOT } from "../vendor/cache.ts";

/** Where the API reference is. */
export const API_FOLDER: string = join(ROOT, "docs", "api");

/**
 * Makes the API reference from the TSDoc of the public entries.
 * @throws {Error} when typedoc has anything to complain about: something public without a comment, a link to nowhere
 */
export async function writeApiReference(folder: string = API_FOLDER): Promise<void> {
  const application = await Application.bootstrapWithPlugins({
    options: ROOT,
    out: folder,
    outputs: [{ name: "markdown", path: folder }],
    logLevel: "Warn",
  });
  const project = await application.convert();
  if (project !== undefined) {
    application.validate(project);
    await application.generateOutputs(project);
  }
  const { errorCount, warningCount } = application.logger;
  if (project === undefined || errorCount + warningCount > 0)
    throw new Error("typedoc complains; see its messages above");
}

/** The files of a folder with their content. */
export function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".md"),
  );
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

if (import.meta.main) {
  await writeApiReference();
  console.log("docs/api is written");
  for (const file of writeDocuments()) console.log(`${file} is written`);
}
