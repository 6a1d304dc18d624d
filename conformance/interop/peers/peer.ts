/** What the matrix needs of a peer. */
import type { Report, Settings, Side } from "../settings.ts";

/** A peer's server for one cell. */
export interface PeerServer {
  readonly port: number;
  /** What it saw, one report per connection. Called when Python is done. @param isRefused a failure is to be there */
  finished(isRefused: boolean): Promise<Report[]>;
  stop(): Promise<void>;
}

/** Another implementation of TLS, as it is installed on this machine. */
export interface InteropPeer {
  readonly name: string;
  /** As the table calls it. */
  readonly title: string;
  readonly protocol: Settings["protocol"];
  /** Set for a server that can only send back what it gets. */
  readonly isEchoServer?: boolean;
  /** What it can carry in the time there is, where it takes its input byte by byte. */
  readonly largeByteLength?: number;
  /** Undefined when it is not installed. */
  version(): Promise<string | undefined>;
  serve?(settings: Settings): Promise<PeerServer>;
  connect?(settings: Settings): Promise<Report[]>;
  /** Features it does not have, with the reason; by the peer's side where they differ. */
  readonly lacks: Readonly<Record<string, string | Partial<Record<Side, string>>>>;
  /** Where its failures differ from what most implementations say: for the feature and the peer's side, and why. */
  readonly differs?: Readonly<
    Record<string, { readonly ours?: RegExp; readonly theirs?: RegExp; readonly why: string }>
  >;
}
