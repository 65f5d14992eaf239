// One panel: accuracy by distance of some models, on the axes that all panels share.

const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const EDGES = { left: 38, right: 12, top: 10, bottom: 36 };
const SIDE_STEP = 4; // how far points of one distance stand apart, so that those of equal accuracy are all seen

/**
 * The scales of panels of one size.
 * distances: all that occur in any panel, in increasing order; lowest: the smallest accuracy or bound in any panel;
 * models: the numbers of all that are drawn in any panel
 */
function frameOf(distances, lowest, models, width, height) {
  const first = distances[0], last = distances[distances.length - 1];
  const logarithmic = first > 0 && last > DATA.linearUpTo * first;
  const start = Math.min(first, 1);
  const [from, to] = logarithmic ? [start / 1.2, last * 1.2] : [start - 0.5, last + 0.5];
  const measure = (distance) => (logarithmic ? Math.log2(distance) : distance);
  const span = measure(to) - measure(from);
  const bottom = Math.min(DATA.lowest, Math.floor(lowest * 10) / 10);
  const inner = { width: width - EDGES.left - EDGES.right, height: height - EDGES.top - EDGES.bottom };
  const powers = Array.from({ length: 16 }, (_, power) => 2 ** power).filter((tick) => from <= tick && tick <= to);
  return {
    width, height, from, to, bottom, models,
    x: (distance) => EDGES.left + ((measure(distance) - measure(from)) / span) * inner.width,
    y: (accuracy) => EDGES.top + (1 - (accuracy - bottom) / (1 - bottom)) * inner.height,
    xTicks: logarithmic ? powers : distances,
    yTicks: bottom === 0 ? [0, 0.25, 0.5, 0.75, 1] : tenths.filter((tick) => tick >= bottom),
  };
}

/** How far to the right of its distance each model's points stand; distances: those of the panel. */
function asideOf(frame, distances) {
  const places = distances.map(frame.x), gaps = places.slice(1).map((place, i) => place - places[i]);
  const step = Math.min(SIDE_STEP, (0.7 * Math.min(...gaps, frame.width)) / frame.models.length);
  return (model) => (frame.models.indexOf(model) - (frame.models.length - 1) / 2) * step;
}

/** The panel as SVG. curves: [{model, …points}]; withheld: distances that the training text never shows. */
function drawPanel(frame, curves, withheld) {
  const svg = drawn("svg", { viewBox: `0 0 ${frame.width} ${frame.height}`, class: "chart" });
  svg.append(...shadesOf(frame, curves, withheld), ...axesOf(frame), ...reachesOf(frame, curves));
  // What may not see the cue lies below what does. The first of the report lie lowest, as in the figure: their lines have
  // the fewest gaps, and are seen through those of the others.
  const windowed = (curve) => DATA.models[curve.model].context !== null;
  const ranked = [...curves].sort((a, b) => windowed(b) - windowed(a) || a.model - b.model);
  const aside = asideOf(frame, distancesOf(curves));
  const shifted = (curve) => ({ ...frame, x: (distance) => frame.x(distance) + aside(curve.model) });
  for (const curve of ranked) svg.append(intervalsOf(shifted(curve), curve));
  for (const curve of ranked) svg.append(lineOf(shifted(curve), curve));
  svg.append(drawn("line", { class: "cursor", y1: EDGES.top, y2: frame.height - EDGES.bottom, visibility: "hidden" }));
  return svg;
}

/** All distances of some curves, in increasing order. */
function distancesOf(curves) {
  return [...new Set(curves.flatMap((curve) => curve.distance))].sort((a, b) => a - b);
}

function shadesOf(frame, curves, withheld) {
  const distances = distancesOf(curves), places = distances.map(frame.x);
  return distances.flatMap((distance, i) => {
    if (!withheld.has(distance)) return [];
    const left = i === 0 ? EDGES.left : (places[i - 1] + places[i]) / 2;
    const right = i === places.length - 1 ? frame.width - EDGES.right : (places[i] + places[i + 1]) / 2;
    return [drawn("rect", { class: "withheld", x: left, width: right - left, y: EDGES.top, height: frame.height - EDGES.top - EDGES.bottom })];
  });
}

function axesOf(frame) {
  const bottom = frame.height - EDGES.bottom, right = frame.width - EDGES.right, made = [];
  for (const tick of frame.yTicks) {
    const y = frame.y(tick);
    made.push(drawn("line", { class: tick === 0.5 ? "half" : "grid", x1: EDGES.left, x2: right, y1: y, y2: y }));
    made.push(drawn("text", { x: EDGES.left - 7, y: y + 3.5, "text-anchor": "end" }, tick === 0.5 ? "½" : String(tick)));
  }
  let free = -Infinity;
  for (const tick of frame.xTicks) {
    const x = frame.x(tick), half = String(tick).length * 3.6 + 4;
    made.push(drawn("line", { class: "axis", x1: x, x2: x, y1: bottom, y2: bottom + 4 }));
    if (x - half < free) continue; // labels that would touch are left out
    made.push(drawn("text", { x, y: bottom + 16, "text-anchor": "middle" }, String(tick)));
    free = x + half;
  }
  made.push(drawn("line", { class: "axis", x1: EDGES.left, x2: right, y1: bottom, y2: bottom }));
  made.push(drawn("text", { class: "title", x: (EDGES.left + right) / 2, y: frame.height - 4, "text-anchor": "middle" }, "distance (words)"));
  return made;
}

/** The models of each window that ends inside a panel. */
function windowsOf(frame, curves) {
  const windows = new Map();
  for (const { model } of curves) {
    const { context, name } = DATA.models[model];
    if (context !== null && context + 1 <= frame.to) windows.set(context, [...(windows.get(context) || []), name]);
  }
  return windows;
}

/** A bracket for each window that ends inside the panel: from its end on, the theorem says one half. */
function reachesOf(frame, curves) {
  const windows = windowsOf(frame, curves);
  return [...windows.keys()].sort((a, b) => a - b).flatMap((context, i) => {
    const y = frame.height - EDGES.bottom - 9 - 14 * i, x = frame.x(context + 1);
    return [
      drawn("path", { class: "reach", d: `M${EDGES.left},${y}H${x}m0,-4v8` }),
      drawn("text", { class: "reach", x: x + 5, y: y + 3.5 }, windows.get(context).join(", ")),
    ];
  });
}

/** Bands where intervals resample groups at two neighbours or more; bars elsewhere, for they come from another method. */
function intervalsOf(frame, curve) {
  const group = drawn("g", { class: "intervals", "data-model": curve.model, "--model": colourOf(curve.model) });
  const resampled = (i) => curve.interval[i] === "groups" || curve.interval[i] === "seeds and groups";
  let stretch = [];
  const close = () => {
    if (stretch.length > 1) {
      const up = stretch.map((i) => `${frame.x(curve.distance[i])},${frame.y(curve.high[i])}`);
      const down = stretch.map((i) => `${frame.x(curve.distance[i])},${frame.y(curve.low[i])}`).reverse();
      group.append(drawn("polygon", { points: [...up, ...down].join(" ") }));
    } else for (const i of stretch) bar(i);
    stretch = [];
  };
  const bar = (i) => {
    const x = frame.x(curve.distance[i]);
    group.append(drawn("line", { x1: x, x2: x, y1: frame.y(curve.low[i]), y2: frame.y(curve.high[i]) }));
  };
  curve.distance.forEach((_, i) => {
    if (resampled(i)) return stretch.push(i);
    close();
    if (curve.low[i] !== null && curve.interval[i] !== "exact") bar(i);
    return null;
  });
  close();
  return group;
}

function lineOf(frame, curve) {
  const windowed = DATA.models[curve.model].context !== null;
  const group = drawn("g", { class: windowed ? "curve windowed" : "curve", "data-model": curve.model, "--model": colourOf(curve.model) });
  for (const [distance, , accuracy] of curve.seeds || []) {
    group.append(drawn("circle", { class: "seed", cx: frame.x(distance), cy: frame.y(accuracy), r: 1.6 }));
  }
  const places = curve.distance.map((_, i) => i).filter((i) => curve.value[i] !== null);
  const points = places.map((i) => `${frame.x(curve.distance[i])},${frame.y(curve.value[i])}`).join(" ");
  group.append(drawn("polyline", { points, "stroke-dasharray": dashesOf(curve.model) }));
  for (const i of places) {
    const at = `translate(${frame.x(curve.distance[i])} ${frame.y(curve.value[i])})`;
    group.append(drawn("path", { d: symbolOf(curve.model, windowed ? 2.6 : 3.6), transform: at, "data-distance": curve.distance[i] }));
  }
  return group;
}
