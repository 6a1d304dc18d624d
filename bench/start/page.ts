/** One start in a page, which tells the server that serves it. Nobody debugs this browser: that would take time. */
import { firstResponse, type StartSettings } from "./first-response.ts";

const settings = (await (await fetch("./settings.json")).json()) as StartSettings;
const outcome = await firstResponse(settings).catch((error: unknown) => ({ error: String(error) }));
await fetch("./stages", { method: "POST", body: JSON.stringify(outcome) });
