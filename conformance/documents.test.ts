import { expect, it } from "vitest";
import { staleDocuments } from "./documents.ts";

it("the documents say what the expectation files say (`npm run conformance -- --write-docs` writes them)", () => {
  expect(staleDocuments().map(({ file }) => file)).toEqual([]);
});
