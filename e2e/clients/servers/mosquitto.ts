/** mosquitto, an MQTT broker, that listens for TLS alone. */
import { accepts, freePort } from "../../peers/child.ts";
import type { Sandbox } from "../sandbox.ts";
import { PASSWORD, type ServerAddress } from "./server.ts";

export async function startMosquitto(sandbox: Sandbox): Promise<ServerAddress> {
  const port = await freePort();
  const passwords = sandbox.file("passwords", "");
  sandbox.run("mosquitto_passwd", ["-b", passwords, "python", PASSWORD]);
  const configuration = sandbox.file(
    "mosquitto.conf",
    `listener ${port} 127.0.0.1
certfile ${sandbox.chain}
keyfile ${sandbox.key}
allow_anonymous false
password_file ${passwords}
persistence false
`,
  );
  const child = sandbox.start("mosquitto", ["-c", configuration]);
  await child.untilReady(() => accepts(port));
  return { ports: { PORT: port }, child };
}
