import { expect, test } from "vitest";
import { type Route, takeFirst, UnreachableError } from "./routes.ts";

const absent: Route = { name: "installed", take: async () => undefined };
const broken: Route = {
  name: "internet",
  take: () => Promise.reject(new Error("fetch failed", { cause: new Error("no such host") })),
};

test("the first route that leads somewhere is taken, later ones are not tried", async () => {
  const tried: string[] = [];
  const working: Route = { name: "archive", take: async () => "3.14.8" };
  const later: Route = { name: "later", take: async () => void tried.push("later") };
  expect(await takeFirst("ssl.py", [absent, broken, working, later], "")).toBe("archive: 3.14.8");
  expect(tried).toEqual([]);
});

test("when none works the error lists each with its failure, and what to do", async () => {
  const failure = await takeFirst("ssl.py", [absent, broken], "Install Python 3.14.").catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(UnreachableError);
  const { message } = failure as Error;
  expect(message).toContain("ssl.py");
  expect(message).toContain("installed: not on this machine");
  expect(message).toContain("internet: fetch failed: no such host");
  expect(message).toContain("Install Python 3.14.");
});
