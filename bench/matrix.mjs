// W5 and W6: pairs per second of whole matrices.
import { figure, ksg, matrix, neighborsBatch, predictMatrix, sources, spread } from "./dist/library.js";
import { matrixShape, matrixWork, tableOf } from "./workloads.mjs";

/** Largest difference that rounding in f32 distances may make: a neighbour more or less in a few rows of 300. */
const ALLOWED = 1e-3;

/**
 * Rates of W5 or W6, checked against float64 first. All 2016 pairs where a run of them takes at most the `most` seconds of
 * its way; else as many as take that long, spread over the table, and the result says how many. `machine` is what rates are
 * predicted for.
 */
export async function matrixRates(gpu, name, machine, { runs, quick, log }) {
  const table = tableOf();
  const all = table.flatMap((a, i) => table.slice(i + 1).map((b) => [a.name, b.name]));
  const part = (count) => Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
  const result = {};
  const ways = name === "W5" ? wayOfMatrix(gpu, table) : wayOfKernels(gpu, table);
  for (const [key, { what, most, check, run }] of Object.entries(ways)) {
    await check();
    const timed = async (pairs) => {
      const began = performance.now();
      await run(pairs);
      return (performance.now() - began) / 1000;
    };
    const limit = quick ? 1 : most;
    let [count, spent] = [1, await timed(part(1))];
    while (spent < limit / 10 && count < all.length) {
      count = Math.min(4 * count, all.length);
      spent = await timed(part(count));
    }
    count = Math.max(1, Math.min(all.length, Math.floor((count * limit) / spent)));
    const pairs = part(count);
    const rates = [];
    for (let i = 0; i < runs; i++) rates.push(count / (await timed(pairs)));
    const predicted = predictMatrix(matrixWork[key], machine).rate;
    result[key] = { what, ...spread(rates), predicted, pairs: count, of: all.length };
    const said = `${figure(result[key].median)} pairs/s, predicted ${figure(predicted)}`;
    log(`${key}: ${what}: ${said}, ${count} of ${all.length} pairs a run`);
  }
  return result;
}

/** One pair of a short table in float64. */
function reference() {
  const short = tableOf({ columns: 4, rows: 300 });
  const points = short.map(({ values }) => Array.from(values, (v) => [Math.fround(v)]));
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  const want = (i, j) => mean(ksg(points[i], points[j], 3));
  const hold = (got, i, j) => {
    if (!(Math.abs(got - want(i, j)) < ALLOWED)) throw new Error(`pair ${i}, ${j} is ${got}, not ${want(i, j)}`);
  };
  return { short, hold };
}

function wayOfMatrix(gpu, table) {
  const { columns, rows: count, permutations } = matrixShape;
  const { short, hold } = reference();
  const check = async () => {
    const { pairs } = await matrix(short, { gpu, transform: "identity" });
    for (const { x, y, raw } of pairs) hold(raw, Number(x.slice(1)) - 1, Number(y.slice(1)) - 1);
  };
  const of = `matrix, ${columns} columns × ${count} rows`;
  const way = (text, most, settings) => ({
    what: `${of}, ${text}`,
    most,
    check,
    run: (pairs) => matrix(table, { gpu, pairs, ...settings }),
  });
  return { W5: way("no permutations", 20, {}), W5p: way(`${permutations} permutations each`, 8, { permutations }) };
}

function wayOfKernels(gpu, table) {
  const { columns, rows: count } = matrixShape;
  const sourceOf = (list, pairs) => {
    const table = { data: new Float32Array(list.length * list[0].values.length), columns: list.length };
    list.forEach(({ values }, c) => {
      for (let i = 0; i < values.length; i++) table.data[i * list.length + c] = values[i];
    });
    const index = new Map(list.map(({ name }, c) => [name, c]));
    const picks = pairs.map((names) => names.map((name) => index.get(name)));
    // A replica looks at two columns of the whole table.
    return { ...sources.rows(table, { data: new Float32Array(0), columns: 0 }, { picks }), xWidth: 1, yWidth: 1 };
  };
  const { short, hold } = reference();
  const check = async () => {
    const { mi } = await neighborsBatch(
      gpu,
      sourceOf(short, [
        ["c1", "c2"],
        ["c2", "c4"],
      ]),
    );
    hold(mi[0], 0, 1);
    hold(mi[1], 1, 3);
  };
  return {
    W6: {
      what: `KSG, ${columns} columns × ${count} rows`,
      most: 5,
      check,
      run: (pairs) => neighborsBatch(gpu, sourceOf(table, pairs)),
    },
  };
}
