export { ThreadBridge } from "./thread-bridge.ts";
