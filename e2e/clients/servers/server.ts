/** What examples are told of their server. */
import type { ServerProcess } from "../../peers/child.ts";

/** The password of every account here. */
export const PASSWORD = "correct-horse";

/** Where a server is. */
export interface ServerAddress {
  /** Its ports, by the names of the environment variables in which examples look for them. */
  readonly ports: Readonly<Record<string, number>>;
  /** The process that clients talk to. */
  readonly child: ServerProcess;
}
