/**
 * How long the public ways take to move bytes between Python's heap and JavaScript's, in Pyodide on Node.
 * Run: `npx node bench/moving-bytes.ts`. What follows from it: docs/decisions/0005-moving-bytes.md.
 */
import { loadPyodide } from "pyodide";
import type { PyProxy } from "pyodide/ffi";

type BufferProxy = PyProxy & { getBuffer(type: "u8"): { data: Uint8Array; release(): void } };

const sizes = [100, 16_384, 65_536, 1_048_576];
const received = new Map(sizes.map((size) => [size, new Uint8Array(size).fill(65)]));
const room = new Uint8Array(1_048_576);
const sink = new Uint8Array(1_048_576);
let roomLength = 0;

const pyodide = await loadPyodide();
pyodide.registerJsModule("moving_bytes", {
  sizes: JSON.stringify(sizes),
  received: (size: number) => received.get(size),
  fill: (buffer: BufferProxy, size: number) => {
    const view = buffer.getBuffer("u8");
    view.data.set(received.get(size) ?? []);
    view.release();
  },
  room: (size: number) => {
    roomLength = size;
    return room.subarray(0, size);
  },
  sendRoom: () => sink.set(room.subarray(0, roomLength)),
  sendBuffer: (buffer: BufferProxy) => {
    const view = buffer.getBuffer("u8");
    sink.set(view.data);
    view.release();
  },
  sendArray: (array: Uint8Array) => sink.set(array),
});

await pyodide.runPythonAsync(`
import json, time
from pyodide.ffi import to_js
import moving_bytes as js

received, fill, room, send_room, send_buffer, send_array = (
    js.received, js.fill, js.room, js.sendRoom, js.sendBuffer, js.sendArray)

def best_of(call, repeats):
    call()
    best = float("inf")
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        best = min(best, (time.perf_counter() - start) / repeats)
    return best * 1e6

def in_to_bytes(size, data, view): received(size).to_bytes()
def in_assign_to(size, data, view): received(size).assign_to(view)
def in_get_buffer(size, data, view): fill(view, size)
def out_room(size, data, view):
    room(size).assign(data)
    send_room()
def out_get_buffer(size, data, view): send_buffer(data)
def out_to_js(size, data, view): send_array(to_js(data))

ways = [
    ("to Python: array.to_bytes()", in_to_bytes),
    ("to Python: array.assign_to(memoryview)", in_assign_to),
    ("to Python: memoryview.getBuffer() in JavaScript", in_get_buffer),
    ("from Python: room(n).assign(bytes), then a call", out_room),
    ("from Python: bytes.getBuffer() in JavaScript", out_get_buffer),
    ("from Python: to_js(bytes)", out_to_js),
]
sizes = json.loads(js.sizes)
print(f"{'microseconds for bytes:':50}", *(f"{size:>10}" for size in sizes))
for name, way in ways:
    row = []
    for size in sizes:
        data, view = bytes(size), memoryview(bytearray(size))
        row.append(best_of(lambda: way(size, data, view), 2000 if size < 100_000 else 60))
    print(f"{name:50}", *(f"{value:10.1f}" for value in row))
`);
