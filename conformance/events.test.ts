import { expect, it } from "vitest";
import { EventReader, type HarnessEvent } from "./events.ts";

it("takes events out of the tests' own output, wherever the pieces are cut", () => {
  const stream = 'a\x1e{"event":"start","id":"é"}\nno newline\x1e{"event":"end"}\nlast';
  for (let size = 1; size <= stream.length; size++) {
    const events: HarnessEvent[] = [];
    let text = "";
    const reader = new EventReader(
      (event) => events.push(event),
      (piece) => {
        text += piece;
      },
    );
    for (let at = 0; at < stream.length; at += size) reader.push(stream.slice(at, at + size));
    expect(events).toEqual([{ event: "start", id: "é" }, { event: "end" }]);
    expect(text).toBe("ano newlinelast");
  }
});
