/** The bytes of a WebAssembly module with `count` functions, so that compiling it takes a while. */
export function wasmModule(count) {
  const leb = (value) => {
    const bytes = [];
    do {
      bytes.push((value & 127) | (value > 127 ? 128 : 0));
      value >>>= 7;
    } while (value > 0);
    return bytes;
  };
  const section = (id, body) => [id, ...leb(body.length), ...body];
  // Each function: no locals, then `i32.const 1, drop` over and over.
  const body = [0, ...Array.from({ length: 200 }, () => [0x41, 1, 0x1a]).flat(), 0x0b];
  const code = [...leb(body.length), ...body];
  const types = section(1, [1, 0x60, 0, 0]);
  const functions = section(3, [...leb(count), ...new Array(count).fill(0)]);
  const codes = section(10, [...leb(count), ...Array.from({ length: count }, () => code).flat()]);
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, ...functions, ...codes]);
}
