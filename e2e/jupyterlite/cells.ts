/** What the notebooks of the tests run, and what each cell must show. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { GREETING } from "../package/https-site.ts";
import { testPki } from "../peers/certs.ts";

/** A cell's source with what it shows. */
export interface Cell {
  readonly source: string;
  readonly shows: unknown;
}

/** What people do with TLS in a notebook. The last cell raises. */
export async function cellsOf(port: number): Promise<readonly Cell[]> {
  const pki = await testPki();
  const pem = (name: "client" | "good") => JSON.stringify(readFileSync(pki.leaf(name).bundle, "utf8"));
  const url = `https://localhost:${port}/`;
  return [
    { source: `import requests\nprint(requests.get("${url}").text)`, shows: `${GREETING}\n` },
    {
      source: `import urllib.request\nprint(urllib.request.urlopen("${url}").read().decode())`,
      shows: `${GREETING}\n`,
    },
    {
      source: `with open("client.pem", "w") as file:
    file.write(${pem("client")})
print(requests.get("${url}", cert="client.pem").text)`,
      shows: `${GREETING}, Test Client\n`,
    },
    {
      source: `import socket, ssl
context = ssl.create_default_context()
with socket.create_connection(("localhost", ${port})) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        print(tls.version(), tls.cipher()[0] in [cipher["name"] for cipher in context.get_ciphers()])`,
      shows: "TLSv1.3 True\n",
    },
    {
      source: `import threading
with open("server.pem", "w") as file:
    file.write(${pem("good")})
of_server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
of_server.load_cert_chain("server.pem")
listener = of_server.wrap_socket(socket.create_server(("localhost", 0)), server_side=True)
def serve():
    connection, _ = listener.accept()
    with connection:
        connection.sendall(connection.recv(100).upper())
thread = threading.Thread(target=serve)
thread.start()
plain = socket.create_connection(listener.getsockname())
with context.wrap_socket(plain, server_hostname="localhost") as connection:
    connection.sendall(b"both ends in one notebook")
    print(connection.recv(100).decode())
thread.join()
listener.close()`,
      shows: "BOTH ENDS IN ONE NOTEBOOK\n",
    },
    {
      source: `from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    pages = list(pool.map(requests.get, [f"${url}{number}" for number in range(8)]))
print([page.url[-1] for page in pages], {page.text for page in pages})`,
      shows: `['0', '1', '2', '3', '4', '5', '6', '7'] {'${GREETING}'}\n`,
    },
    {
      source: `class Page:
    def __repr__(self):
        return requests.get("${url}").text
Page()`,
      shows: GREETING,
    },
    {
      source: `requests.get("https://other.test:${port}/")`,
      shows: expect.stringContaining(
        `<class 'requests.exceptions.SSLError'>: HTTPSConnectionPool(host='other.test', port=${port}): Max retries exceeded with url: / ` +
          '(Caused by SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ' +
          "Hostname mismatch, certificate is not valid for 'other.test'. (_ssl.c:",
      ),
    },
  ];
}

/** A cell that waits until the test lets the server answer. */
export function heldCell(port: number): Cell {
  return {
    source: `import requests\nprint(requests.get("https://localhost:${port}/held").text)`,
    shows: `${GREETING}\n`,
  };
}

/** Functions that the kernel calls where Python can't be suspended, and the way out. */
export function plainlyCalledCell(port: number): string {
  return `import asyncio, comm, requests, threading
shown = []
def ask(name):
    try:
        shown.append((name, requests.get("https://localhost:${port}/").text))
    except Exception as error:
        shown.append((name, f"{type(error).__name__}: {error}"))
def start():
    try:
        threading.Thread(target=ask, args=["in a thread"]).start()
    except Exception as error:
        shown.append(("thread", f"{error}: {error.__cause__ or error.__notes__[0]}"))
async def ask_later():
    ask("task")
    threading.Thread(target=ask, args=["thread of a task"]).start()
class Page:
    def __dir__(self):
        ask("completion")
        return ["title"]
    def __repr__(self):
        ask("inspection")
        return "a page"
page = Page()
register = comm.get_comm_manager().register_target
register("plain", lambda *_: ask("widget"))
register("thread", lambda *_: start())
register("task", lambda *_: asyncio.ensure_future(ask_later()))`;
}

const MUST_WAIT: unknown = expect.stringMatching(
  /^BlockingImpossibleError: Python cannot wait for a socket here.* a task, which may wait/,
);

/** What it must have come to. */
export const SHOWN_BY_PLAIN_CALLS: readonly unknown[] = [
  ["completion", MUST_WAIT],
  ["inspection", MUST_WAIT],
  ["widget", MUST_WAIT],
  ["thread", expect.stringMatching(/^can't start new thread.* a task that starts it/s)],
  ["task", GREETING],
  ["thread of a task", GREETING],
];
