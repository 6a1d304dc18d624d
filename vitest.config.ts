import { defineConfig } from "vitest/config";

/** Two cores are what a small machine has; more workers would only make each slower. */
const WORKERS = 2;

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: WORKERS,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "{openssl,shim,transports,pyodide-ext,worker,gateway,cli,vendor,scripts,demo,bench}/**/*.test.ts",
            "e2e/peers/*.test.ts",
            "conformance/{documents,events,expectations}.test.ts",
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The ciphers, at more lengths and alignments than each run has time for.
        extends: true,
        test: {
          name: "ciphers",
          include: ["openssl/simd/*.suite.ts"],
          testTimeout: 1_200_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The same Python scripts on native CPython and here.
        extends: true,
        test: {
          name: "oracle",
          include: ["conformance/oracle/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // The runner of CPython's own tests; `conformance/run.ts` then runs them.
        extends: true,
        test: {
          name: "conformance",
          include: ["conformance/module-run.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // Other implementations of TLS, in both directions.
        extends: true,
        test: {
          name: "interop",
          include: ["conformance/interop/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // 5,000 handshakes leave nothing behind.
        extends: true,
        test: {
          name: "leaks",
          include: ["conformance/leaks/*.test.ts"],
          hookTimeout: 60_000,
        },
      },
      {
        // A real browser, real servers, the built package.
        extends: true,
        test: {
          name: "e2e",
          include: ["e2e/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        // The programs of examples/ against servers of this machine.
        extends: true,
        test: {
          name: "clients",
          include: ["e2e/clients/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // A real JupyterLite, and PyScript.
        extends: true,
        test: {
          name: "jupyterlite",
          include: ["e2e/{jupyterlite,pyscript}/*.test.ts"],
          fileParallelism: false,
          testTimeout: 400_000,
          hookTimeout: 180_000,
        },
      },
      {
        // The packed tarball, in projects of their own.
        extends: true,
        test: {
          name: "package",
          include: ["e2e/package/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // What the documents say: links, snippets, messages, the files to deploy.
        extends: true,
        test: {
          name: "docs",
          include: ["e2e/docs/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "firefox",
          include: ["e2e/firefox/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
