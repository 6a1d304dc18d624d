/** One start on Node, in a process of its own: settings come as a message, and the stages go back as one. */
import { firstResponse, type StartSettings } from "./first-response.ts";

process.once("message", (settings: StartSettings) => {
  void firstResponse(settings).then((stages) => process.send?.(stages, () => process.exit()));
});
