import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FrameDecoder } from "../../../kernels/framing/frames.ts";

const frame = fc.record({
  header: fc.dictionary(fc.string(), fc.jsonValue()).map((h) => JSON.parse(JSON.stringify(h)) as object),
  body: fc.uint8Array({ maxLength: 300 }),
});

test("frames arrive whole and in order however the bytes are split", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(40)), (frames, cuts) => {
      const bytes = Buffer.concat(frames.flatMap(({ header, body }) => encodeFrame(header, body)));
      const received: { header: object; body: Uint8Array }[] = [];
      const decoder = new FrameDecoder((header, body) => received.push({ header, body }));
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        decoder.push(bytes.subarray(at, at + cut));
        at = Math.min(bytes.length, at + cut);
      }
      expect(decoder.pendingBytes).toBe(0);
      expect(received).toEqual(frames);
    }),
  );
});

test("half a frame is not delivered and is counted as pending", () => {
  const decoder = new FrameDecoder(() => expect.fail("delivered too early"));
  const bytes = Buffer.concat(encodeFrame({ a: 1 }, new Uint8Array(10)));
  decoder.push(bytes.subarray(0, bytes.length - 1));
  expect(decoder.pendingBytes).toBe(bytes.length - 1);
});

test("a frame larger than allowed is refused before its memory is taken", () => {
  const decoder = new FrameDecoder(() => undefined, 100);
  expect(() => decoder.push(Buffer.from([0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff]))).toThrow(/body of 4294967295 bytes/);
  const other = new FrameDecoder(() => undefined);
  expect(() => other.push(Buffer.from("this is text, no frame"))).toThrow(/header of \d+ bytes is larger/);
});

test("a header that is no JSON object is refused and quoted", () => {
  for (const text of ["[1]", "nonsense", "null"]) {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(text.length, 0);
    const decoder = new FrameDecoder(() => undefined);
    expect(() => decoder.push(Buffer.concat([prefix, Buffer.from(text)]))).toThrow(JSON.stringify(text));
  }
});
