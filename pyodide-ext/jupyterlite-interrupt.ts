/**
 * An extension of JupyterLab's: its commands that interrupt a kernel reach the kernels of `pyodide-module.ts`. JupyterLite's own
 * interrupt only drops the cells that wait for their turn; the one that runs never learns of it.
 *
 * JupyterLab loads it as a script, and takes from it what webpack's module federation calls a container. It needs nothing of the
 * site's, so it fits every JupyterLab 4: https://jupyterlab.readthedocs.io/en/stable/extension/extension_dev.html
 */
import { INTERRUPT_CHANNEL, type InterruptRequest } from "./interrupt-channel.ts";

/** The parts of JupyterLab's application that are used. */
interface Application {
  readonly commands: {
    readonly commandExecuted: { connect(slot: (sender: unknown, command: { id: string }) => void): void };
  };
  readonly shell: {
    readonly currentWidget: {
      readonly sessionContext?: {
        readonly session: { readonly kernel: { readonly clientId: string } | null } | null;
      };
    } | null;
  };
}

const plugin = {
  id: "pyodide-ssl:interrupt",
  description: "Interrupting a kernel ends what waits in it.",
  autoStart: true,
  activate(application: Application): void {
    const channel = new BroadcastChannel(INTERRUPT_CHANNEL);
    // Of notebooks, consoles and editors; menus, buttons and keys all come to these.
    application.commands.commandExecuted.connect((_, { id }) => {
      const session = application.shell.currentWidget?.sessionContext?.session?.kernel?.clientId;
      if (!id.endsWith(":interrupt-kernel") || session === undefined) return;
      channel.postMessage({ session } satisfies InterruptRequest);
    });
  },
};

const containers = ((globalThis as { _JUPYTERLAB?: Record<string, unknown> })._JUPYTERLAB ??= {});
containers["pyodide-ssl"] = {
  init: () => undefined,
  get: async () => () => ({ __esModule: true, default: plugin }),
};
