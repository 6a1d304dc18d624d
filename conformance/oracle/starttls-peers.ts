/** Mail and file servers that begin without TLS and go over to it when they are asked: just enough of each for its client. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { LeafFiles } from "../../e2e/peers/certs.ts";
import type { Peer } from "../../e2e/peers/child.ts";
import { serveTcp } from "../../e2e/peers/plain-tcp.ts";

/** What a line is answered with. `begin TLS` goes over to TLS after the answer, `end` closes the connection. */
interface Answer {
  readonly text: string;
  readonly then?: "begin TLS" | "end";
}

/** One connection's conversation. */
interface Dialog {
  readonly greeting: string;
  /** What is said at once, before the answer is there. */
  begin?(line: string): string | undefined;
  answer(line: string, isSecure: boolean): Answer | undefined | Promise<Answer>;
}

const say = (text: string, then?: Answer["then"]): Answer => (then === undefined ? { text } : { text, then });

function smtp(): Dialog {
  let isData = false;
  const lines: string[] = [];
  const answers: Readonly<Record<string, (isSecure: boolean) => Answer>> = {
    EHLO: (isSecure) =>
      say(isSecure ? "250-test\r\n250 AUTH PLAIN" : "250-test\r\n250-8BITMIME\r\n250 STARTTLS"),
    STARTTLS: (isSecure) => (isSecure ? say("503 already") : say("220 go ahead", "begin TLS")),
    AUTH: (isSecure) => say(isSecure ? "235 welcome" : "538 not without TLS"),
    MAIL: (isSecure) => say(isSecure ? "250 sender" : "530 not without TLS"),
    RCPT: () => say("250 recipient"),
    NOOP: () => say("250 nothing"),
    RSET: () => say("250 forgotten"),
    QUIT: () => say("221 bye", "end"),
  };
  return {
    greeting: "220 test ESMTP",
    answer(line, isSecure) {
      if (isData) {
        if (line !== ".") {
          lines.push(line);
          return undefined;
        }
        isData = false;
        return say(`250 took ${lines.length} lines, ${lines.join("\n").length} characters`);
      }
      const command = line.split(" ")[0]?.toUpperCase() ?? "";
      if (command === "DATA") {
        isData = true;
        return say("354 go on");
      }
      return answers[command]?.(isSecure) ?? say("502 no such command");
    },
  };
}

function imap(): Dialog {
  const answers: Readonly<Record<string, (tag: string, isSecure: boolean) => Answer>> = {
    CAPABILITY: (tag, isSecure) =>
      say(`* CAPABILITY IMAP4rev1${isSecure ? " AUTH=PLAIN" : " STARTTLS LOGINDISABLED"}\r\n${tag} OK done`),
    STARTTLS: (tag, isSecure) => (isSecure ? say(`${tag} BAD already`) : say(`${tag} OK begin`, "begin TLS")),
    LOGIN: (tag, isSecure) => say(isSecure ? `${tag} OK welcome` : `${tag} NO not without TLS`),
    SELECT: (tag) =>
      say(`* 2 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] ok\r\n${tag} OK [READ-WRITE] done`),
    SEARCH: (tag) => say(`* SEARCH 1 2\r\n${tag} OK done`),
    FETCH: (tag) => say(`* 1 FETCH (BODY[] {14}\r\nSubject: hello)\r\n${tag} OK done`),
    LOGOUT: (tag) => say(`* BYE\r\n${tag} OK bye`, "end"),
  };
  return {
    greeting: "* OK test ready",
    answer(line, isSecure) {
      const [tag = "*", command = ""] = line.split(" ");
      return answers[command.toUpperCase()]?.(tag, isSecure) ?? say(`${tag} BAD no such command`);
    },
  };
}

function pop3(): Dialog {
  const answers: Readonly<Record<string, (isSecure: boolean) => Answer>> = {
    CAPA: (isSecure) => say(`+OK\r\nUSER\r\n${isSecure ? "TOP" : "STLS"}\r\n.`),
    STLS: (isSecure) => (isSecure ? say("-ERR already") : say("+OK begin", "begin TLS")),
    USER: (isSecure) => say(isSecure ? "+OK" : "-ERR not without TLS"),
    PASS: () => say("+OK welcome"),
    STAT: () => say("+OK 2 320"),
    LIST: () => say("+OK 2 messages\r\n1 120\r\n2 200\r\n."),
    RETR: () => say("+OK\r\nSubject: hello\r\n\r\n..a dot\r\n."),
    QUIT: () => say("+OK bye", "end"),
  };
  return {
    greeting: "+OK test ready",
    answer: (line, isSecure) =>
      answers[line.split(" ")[0]?.toUpperCase() ?? ""]?.(isSecure) ?? say("-ERR no such command"),
  };
}

/** A file server; its data connections are under TLS as soon as the client has asked for that (RFC 4217). */
function ftp(context: SecureContext): Dialog {
  let isProtected = false;
  let data: { readonly server: Server; readonly connection: Promise<Socket> } | undefined;
  const transfer = async (content: string): Promise<Answer> => {
    if (data === undefined) return say("425 no data connection");
    const { server, connection } = data;
    data = undefined;
    const plain = await connection;
    const stream = isProtected ? new TLSSocket(plain, { isServer: true, secureContext: context }) : plain;
    stream.on("error", () => {});
    stream.end(content);
    await once(stream, "close");
    server.close();
    return say("226 sent");
  };
  const answers: Readonly<Record<string, (isSecure: boolean) => Answer | Promise<Answer>>> = {
    AUTH: () => say("234 begin", "begin TLS"),
    USER: () => say("331 and the password?"),
    PASS: (isSecure) => say(isSecure ? "230 welcome" : "230 welcome, in the clear"),
    PBSZ: () => say("200 0"),
    PROT: () => {
      isProtected = true;
      return say("200 protected");
    },
    TYPE: () => say("200 type"),
    PWD: () => say('257 "/"'),
    PASV: async () => {
      const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
      // The client may be there before it says what it wants.
      data = { server, connection: new Promise((resolve) => server.once("connection", resolve)) };
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      return say(`227 Entering Passive Mode (127,0,0,1,${port >> 8},${port & 255}).`);
    },
    NLST: () => transfer("one\r\ntwo\r\n"),
    RETR: () => transfer("x".repeat(100_000)),
    QUIT: () => say("221 bye", "end"),
  };
  return {
    greeting: "220 test ready",
    begin: (line) => (/^(NLST|RETR)\b/.test(line) && data !== undefined ? "150 coming" : undefined),
    answer: (line, isSecure) =>
      answers[line.split(" ")[0]?.toUpperCase() ?? ""]?.(isSecure) ?? say("502 no such command"),
  };
}

/** Talks on `socket` until it ends; goes over to TLS on the way. */
async function converse(socket: Socket, dialog: Dialog, context: SecureContext): Promise<void> {
  let stream: Socket | TLSSocket = socket;
  stream.write(`${dialog.greeting}\r\n`);
  for (;;) {
    const next = await talk(stream, dialog, stream !== socket);
    if (next !== "begin TLS") break;
    stream = new TLSSocket(socket, { isServer: true, secureContext: context });
    stream.on("error", () => socket.destroy());
  }
  stream.end();
}

/** Answers lines until one of them changes the connection. */
function talk(stream: Socket, dialog: Dialog, isSecure: boolean): Promise<Answer["then"]> {
  return new Promise((resolve) => {
    let rest = "";
    let turn: Promise<unknown> = Promise.resolve();
    const answerLine = async (line: string): Promise<void> => {
      const answer = await dialog.answer(line, isSecure);
      if (answer === undefined) return;
      if (answer.then !== undefined) stream.off("data", take);
      stream.write(`${answer.text}\r\n`);
      if (answer.then !== undefined) resolve(answer.then);
    };
    const take = (bytes: Buffer): void => {
      const lines = (rest + bytes.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const begun = dialog.begin?.(line);
        if (begun !== undefined) stream.write(`${begun}\r\n`);
        turn = turn.then(() => answerLine(line));
      }
    };
    stream.on("data", take);
    stream.once("close", () => resolve("end"));
  });
}

const DIALOGS = {
  smtp: () => smtp(),
  imap: () => imap(),
  pop3: () => pop3(),
  ftp: (context: SecureContext) => ftp(context),
} as const;

/** Protocols that there is a server for. */
export type StartTlsProtocol = keyof typeof DIALOGS;
export const STARTTLS_PROTOCOLS = Object.keys(DIALOGS) as readonly StartTlsProtocol[];

/** Starts a server of a protocol that shows `leaf` once it is under TLS. */
export function startStartTlsPeer(protocol: StartTlsProtocol, leaf: LeafFiles): Promise<Peer> {
  const context = createSecureContext({ cert: readFileSync(leaf.chain), key: readFileSync(leaf.key) });
  return serveTcp((socket) => {
    converse(socket, DIALOGS[protocol](context), context).catch(() => socket.destroy());
  }, false);
}
