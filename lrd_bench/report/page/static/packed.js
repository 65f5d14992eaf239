// Columns as lrd_bench/report/page/columns.py packs them.

const STEPS = 1000; // numbers are kept in steps of 1/STEPS

/** The head of packed columns, and ways to its codes and numbers. Throws where the browser cannot unpack. */
async function unpacked(text) {
  const packed = bytesOf(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  const kinds = { int8: Int8Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array };
  const known = new Map();

  function codes(name) {
    const [kind, at, values] = head.columns[name];
    return new kinds[kind](buffer, start + at, values);
  }

  /** Numbers: NaN for null. */
  function numbers(name) {
    if (!known.has(name)) known.set(name, unfolded(codes(name), head.columns[name][3]));
    return known.get(name);
  }

  function unfolded(rest, bases) {
    const least = -(2 ** (8 * rest.BYTES_PER_ELEMENT - 1)), twins = codes("twin");
    const sums = new Float64Array(rest.length);
    for (const [base, atTwin] of bases) {
      const source = numbers(base);
      for (let i = 0; i < sums.length; i++) sums[i] += source[atTwin ? twins[i] : i];
    }
    for (let i = 0; i < sums.length; i++) {
      const step = rest[i];
      if (step <= least + 1 || step === -least - 1) sums[i] = step === least ? NaN : step < 0 ? -Infinity : Infinity;
      else sums[i] = (step + (Number.isFinite(sums[i]) ? Math.round(sums[i] * STEPS) : 0)) / STEPS;
    }
    return sums;
  }

  return { head, codes, numbers, has: (name) => name in head.columns };
}

function bytesOf(base64) {
  const binary = atob(base64), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
