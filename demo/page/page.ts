/** The page: puts the editor, the output and the inspector around one Python in a worker. */
import { Editor } from "./editor.ts";
import { type Example, examples, type SiteUrls } from "./examples.ts";
import { Inspector } from "./inspector.ts";
import { Loading } from "./loading.ts";
import { Output } from "./output.ts";
import { PythonSession } from "./session.ts";

/** What `start.ts` tells the page. */
export interface PageSettings {
  readonly gateway: string;
  readonly site: SiteUrls;
  readonly ca: string;
  readonly client: { readonly certificate: string; readonly key: string };
  /** URL of the archive of Python packages; null where the vendor step could not get it. */
  readonly packages: string | null;
}

function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no <${type.name}> #${id}`);
  return found;
}

const buttons = {
  run: byId("run", HTMLButtonElement),
  interrupt: byId("interrupt", HTMLButtonElement),
  restart: byId("restart", HTMLButtonElement),
};
const status = byId("status", HTMLElement);
const editor = new Editor({
  source: byId("source", HTMLTextAreaElement),
  paint: byId("paint", HTMLElement),
  numbers: byId("numbers", HTMLElement),
});
const output = new Output({ log: byId("output", HTMLElement), scroll: byId("output-scroll", HTMLElement) });
const inspector = new Inspector({
  list: byId("connections", HTMLElement),
  empty: byId("no-connections", HTMLElement),
  count: byId("connection-count", HTMLElement),
});
const loading = new Loading(byId("loading", HTMLElement));

const settings = (await (await fetch("/settings.json")).json()) as PageSettings;
const session = new PythonSession({
  settings,
  output,
  loading,
  onConnection: (view) => inspector.show(view),
  onState: showState,
});

function showState(state: PythonSession["state"], text: string): void {
  status.dataset["state"] = state;
  status.textContent = text;
  // Not the `disabled` property: a button that has the focus would lose it.
  const offer = (button: HTMLButtonElement, isOffered: boolean): void => {
    button.setAttribute("aria-disabled", String(!isOffered));
  };
  offer(buttons.run, state === "ready");
  offer(buttons.interrupt, state === "running");
  offer(buttons.restart, state !== "loading");
}

function run(): void {
  if (session.state !== "ready") return;
  output.clear();
  void session.run(editor.text);
}

function restart(): void {
  if (session.state === "loading") return;
  output.clear();
  inspector.clear();
  void session.start();
}

function listExamples(list: readonly Example[]): void {
  const bar = byId("examples", HTMLElement);
  const about = byId("about", HTMLElement);
  const choose = (example: Example): void => {
    editor.text = example.code.trimEnd();
    about.textContent = example.about;
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset["id"] === example.id));
    }
    history.replaceState(null, "", `#${example.id}`);
  };
  for (const example of list) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset["id"] = example.id;
    button.textContent = example.title;
    button.addEventListener("click", () => choose(example));
    bar.append(button);
  }
  const first = list.find(({ id }) => `#${id}` === location.hash) ?? list[0];
  if (first) choose(first);
}

function setUpSettings(): void {
  const drawer = byId("settings", HTMLDetailsElement);
  const form = byId("settings-form", HTMLFormElement);
  const gateway = byId("gateway", HTMLInputElement);
  const ca = byId("ca", HTMLTextAreaElement);
  gateway.defaultValue = settings.gateway;
  ca.defaultValue = settings.ca;
  const close = (): void => {
    drawer.open = false;
    drawer.querySelector("summary")?.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    session.settings = { ...session.settings, gateway: gateway.value, ca: ca.value };
    close();
    restart();
  });
  drawer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (drawer.open && event.target instanceof Node && !drawer.contains(event.target)) drawer.open = false;
  });
}

buttons.run.addEventListener("click", run);
buttons.interrupt.addEventListener("click", () => session.interrupt());
buttons.restart.addEventListener("click", restart);
byId("clear-output", HTMLButtonElement).addEventListener("click", () => output.clear());
byId("clear-connections", HTMLButtonElement).addEventListener("click", () => inspector.clear());
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  if (event.key === "Enter") {
    event.preventDefault();
    run();
  } else if (event.key === ".") {
    event.preventDefault();
    session.interrupt();
  }
});

listExamples(examples(settings.site));
setUpSettings();
await session.start();
