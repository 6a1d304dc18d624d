/** What docs/clients.md shows of each example: its program and what it prints. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../vendor/cache.ts";
import type { ExampleName } from "./examples.ts";

interface DocumentedExample {
  readonly program: string;
  readonly output: string;
}

/** @throws when the page does not show the example */
export function documentedExample(name: ExampleName): DocumentedExample {
  const page = readFileSync(join(ROOT, "docs", "clients.md"), "utf8");
  const section = page.split(`npm run example -- ${name}\n`)[1] ?? "";
  const [, program] = /```python\n(.*?)```/s.exec(section) ?? [];
  const [, output] = /```text\n(.*?)```/s.exec(section) ?? [];
  if (program === undefined || output === undefined) throw new Error(`docs/clients.md does not show ${name}`);
  return { program, output };
}
