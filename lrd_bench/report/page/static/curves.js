// The curves: what is selected, the panels that follow from it, and the reading at the pointer or the keyboard's cursor.

const ALL = "*";
const drawable = DATA.suites.map((_, i) => i).filter((i) => Object.keys(DATA.suites[i].cells).length > 0);

/** What is shown. filler: "apart" (where kinds reach different distances), "*" (together), or a kind; nouns: "*" or a number. */
const selected = {
  models: new Set(DATA.models.keys()),
  suites: new Set(drawable),
  filler: "apart",
  nouns: ALL,
};

let drawnWidth = 0;

function startCurves() {
  if (drawable.length === 0) {
    find("#panels").hidden = true;
    find("#curve-note").textContent = "No suite of this report has distances. Its accuracies are in the tables.";
    return;
  }
  find("#curve-controls").hidden = find("#curve-numbers").hidden = false;
  chips(find("#model-chips"), DATA.models.map((model) => model.name), [...DATA.models.keys()], selected.models, sampleOf);
  chips(find("#suite-chips"), DATA.suites.map((suite) => suite.name), drawable, selected.suites, () => null);
  const values = (of) => [...new Set(drawable.flatMap((i) => of(DATA.suites[i])))];
  const fillers = values((suite) => suite.fillers);
  fillIn(find("#curve-filler"), fillers, [["apart", "apart where distances differ"], [ALL, "all together"]], "filler");
  const nouns = values((suite) => suite.nouns).sort((a, b) => (a === null) - (b === null) || collated.compare(a, b));
  fillIn(find("#curve-nouns"), nouns, [[ALL, "any number"]], "nouns");
  find("#curve-numbers").addEventListener("toggle", drawCurves);
  new ResizeObserver(() => { if (find("#panels").clientWidth !== drawnWidth) drawCurves(); }).observe(find("#panels"));
  drawCurves();
}

/** Boxes to tick, of which each adds its number to a set or takes it out, and two buttons for all and none. */
function chips(place, names, numbers, set, sample) {
  const boxes = numbers.map((number) => {
    const box = element("input", { type: "checkbox", value: number, onchange: () => choose(number, box.checked) });
    return box;
  });
  const choose = (number, on) => {
    if (on) set.add(number);
    else set.delete(number);
    changed();
  };
  const all = (on) => {
    for (const number of numbers) if (on) set.add(number); else set.delete(number);
    changed();
  };
  place.append(
    ...boxes.map((box, i) => element("label", { class: "chip" }, box, sample(numbers[i]), names[numbers[i]])),
    element("span", { class: "together" },
      element("button", { type: "button", class: "quiet", onclick: () => all(true) }, "all"),
      element("button", { type: "button", class: "quiet", onclick: () => all(false) }, "none")));
  place.refresh = () => { for (const box of boxes) box.checked = set.has(Number(box.value)); };
}

function fillIn(select, values, before, key) {
  select.append(...before.map(([value, label]) => option(value, label)), ...values.map((value, i) => option(`=${i}`, shown(value))));
  select.values = values;
  select.closest("label").hidden = values.length < 2;
  select.addEventListener("change", () => { selected[key] = select.value; changed(); });
}

/** The value that a list of choices stands at; undefined for one that is no value. */
function chosenIn(select) {
  return select.value.startsWith("=") ? select.values[Number(select.value.slice(1))] : undefined;
}

function changed() {
  drawCurves();
  remember();
}

/** What to draw: of each suite one panel, or one for each kind of filler that is drawn apart. */
function panelsNow() {
  const filler = chosenIn(find("#curve-filler")), nouns = chosenIn(find("#curve-nouns"));
  return [...selected.suites].sort((a, b) => a - b).flatMap((number) => {
    const suite = DATA.suites[number];
    const kinds = selected.filler === "apart" ? suite.strands : selected.filler === ALL ? [ALL] : placesOf(suite.fillers, filler);
    const counts = selected.nouns === ALL ? [ALL] : placesOf(suite.nouns, nouns);
    return kinds.flatMap((kind) => counts.map((count) => ({ number, suite, kind, count })));
  }).filter(({ suite, kind, count }) => `${kind}|${count}` in suite.cells).map(withCurves);
}

/** Where a value stands in a suite's list; nowhere in a suite that does not have it. */
function placesOf(values, value) {
  return values.includes(value) ? [values.indexOf(value)] : [];
}

function withCurves(panel) {
  const { suite, kind, count } = panel;
  const curves = suite.cells[`${kind}|${count}`]
    .map((points, i) => points && { ...points, model: suite.models[i] })
    .filter((curve) => curve && selected.models.has(curve.model));
  const withheld = new Set(kind === ALL ? suite.withheld : suite.withheldFillers.filter(([place]) => place === kind).map(([, d]) => d));
  const name = [suite.name, kind === ALL ? null : shown(suite.fillers[kind]), count === ALL ? null : `${counted(suite.nouns[count], "opposing noun")}`];
  return { ...panel, curves, withheld, distances: distancesOf(curves), name: name.filter(Boolean).join(" · ") };
}

function drawCurves() {
  for (const place of ["#model-chips", "#suite-chips"]) find(place).refresh?.();
  const place = find("#panels"), panels = panelsNow();
  drawnWidth = place.clientWidth;
  hideReading();
  const curves = panels.flatMap((panel) => panel.curves), distances = distancesOf(curves);
  const models = [...selected.models].filter((model) => curves.some((curve) => curve.model === model)).sort((a, b) => a - b);
  let bracketed = false;
  if (distances.length === 0) {
    place.replaceChildren(element("p", { class: "note" }, "Nothing is selected that has a curve."));
  } else {
    const frame = frameOf(distances, lowestOf(panels), models, ...sizeOf(place, panels.length));
    bracketed = windowsOf(frame, curves).size > 0;
    place.replaceChildren(...panels.map((panel) => figureOf(panel, frame)));
  }
  const cut = find("#curve-nouns").value !== ALL;
  find("#curve-note").textContent = [
    "Bands and bars: pointwise 95 % intervals.",
    DATA.narrow,
    models.length > 1 && "Points of one distance stand side by side.",
    curves.some((curve) => curve.seeds) && "Small dots: single training seeds.",
    bracketed && "Brackets (⊣) reach as far as a window model sees: from their end on it scores exactly ½.",
    panels.some((panel) => panel.withheld.size) &&
      "Shaded: distances that the grammar of the items withholds from its training text; of models trained on other text that says nothing.",
    cut && "Items with so many opposing nouns are one twin of a pair without the other (°): a model that cannot see the cue need not score ½ on them.",
  ].filter(Boolean).join(" ");
  if (find("#curve-numbers").open) find("#curve-numbers .scroll").replaceChildren(numbersOf(panels));
}

function lowestOf(panels) {
  const numbers = panels.flatMap((panel) => panel.curves.flatMap((curve) => [...curve.value, ...curve.low]));
  return Math.min(1, ...numbers.filter((number) => number !== null));
}

function sizeOf(place, number) {
  const gap = 20, whole = place.clientWidth || 700;
  const columns = Math.max(1, Math.min(number, Math.floor((whole + gap) / (330 + gap))));
  place.style.setProperty("--columns", columns);
  const width = Math.round((whole - gap * (columns - 1)) / columns);
  return [width, Math.round(Math.max(215, Math.min(400, width * 0.64)))];
}

function figureOf(panel, frame) {
  const svg = drawPanel(frame, panel.curves, panel.withheld);
  const { distances } = panel;
  Object.entries({
    role: "slider", tabindex: 0, "aria-orientation": "horizontal", "aria-label": `Accuracy by distance, ${panel.name}`,
    "aria-valuemin": distances[0], "aria-valuemax": distances[distances.length - 1],
  }).forEach(([key, value]) => svg.setAttribute(key, value));
  let at = 0;
  const read = (i) => {
    at = Math.max(0, Math.min(distances.length - 1, i));
    showReading(svg, panel, frame, distances[at]);
  };
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * frame.width;
    const gaps = distances.map((distance) => Math.abs(frame.x(distance) - x));
    return gaps.indexOf(Math.min(...gaps));
  };
  svg.setAttribute("aria-valuenow", distances[0]);
  svg.addEventListener("focus", () => read(at));
  svg.addEventListener("blur", hideReading);
  svg.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") read(nearest(event)); });
  svg.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hideReading(); });
  svg.addEventListener("click", (event) => {
    // A finger cannot hover: its first tap reads, the next one on the same distance looks up.
    const again = !reading.hidden && reading.of === svg && at === nearest(event);
    if (event.pointerType !== "touch" || again) lookUpAt(panel, distances[nearest(event)]);
    else read(nearest(event));
  });
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const to = step ? at + step : event.key === "Home" ? 0 : event.key === "End" ? distances.length - 1 : null;
    if (to !== null) read(to);
    else if (event.key === "Enter") lookUpAt(panel, distances[at]);
    else if (event.key === "Escape") hideReading();
    else return;
    event.preventDefault();
  });
  return element("figure", { class: "panel" }, element("figcaption", {}, panel.name), svg);
}

const reading = element("div", { class: "reading", "aria-hidden": "true", hidden: true });
document.body.append(reading);

/** What all models score at a distance: beside the cursor, and in words for a screen reader. */
function showReading(svg, panel, frame, distance) {
  const x = frame.x(distance), cursor = find(".cursor", svg);
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  for (const other of document.querySelectorAll(".cursor")) other.setAttribute("visibility", other === cursor ? "visible" : "hidden");
  const found = panel.curves.map((curve) => [curve, curve.distance.indexOf(distance)]).filter(([, i]) => i >= 0);
  const most = (name) => Math.max(...found.map(([curve, i]) => curve[name][i]));
  const about = `${counted(distance, "word")} · ${counted(most("items"), "item")} in ${counted(most("groups"), "group")}` +
    (panel.withheld.has(distance) ? " · withheld from the grammar's training text" : "");
  reading.replaceChildren(element("p", {}, about), element("table", {}, ...found.map(([curve, i]) =>
    element("tr", {}, element("td", {}, sampleOf(curve.model)), element("td", {}, DATA.models[curve.model].name), element("td", {}, curve.text[i])))));
  if (panel.suite.items !== null) reading.append(element("p", { class: "hint" }, "Click, a second tap or Enter: look up these items"));
  svg.setAttribute("aria-valuenow", distance);
  svg.setAttribute("aria-valuetext", `${about}. ${found.map(([curve, i]) => `${DATA.models[curve.model].name} ${curve.text[i]}`).join("; ")}`);
  reading.hidden = false;
  reading.of = svg;
  const box = svg.getBoundingClientRect(), place = box.left + (x / frame.width) * box.width;
  const right = place + 14 + reading.offsetWidth < document.documentElement.clientWidth;
  const left = right ? place + 14 : Math.max(4, place - 14 - reading.offsetWidth);
  reading.style.left = `${left + window.scrollX}px`;
  reading.style.top = `${box.top + window.scrollY + 8}px`;
}

function hideReading() {
  reading.hidden = true;
  for (const cursor of document.querySelectorAll(".cursor")) cursor.setAttribute("visibility", "hidden");
}

function lookUpAt(panel, distance) {
  if (panel.suite.items === null) return;
  hideReading();
  lookUp(panel.suite.items, {
    distance,
    [DATA.factors.filler]: panel.kind === ALL ? undefined : panel.suite.fillers[panel.kind],
    [DATA.factors.nouns]: panel.count === ALL ? undefined : panel.suite.nouns[panel.count],
  });
}

/** The numbers behind the panels, as a table that sorts. */
function numbersOf(panels) {
  const models = [...selected.models].sort((a, b) => a - b);
  const head = ["panel", "distance", ...models.map((model) => DATA.models[model].name)];
  const rows = panels.flatMap((panel) => panel.distances.map((distance) => element("tr", {},
    element("th", { scope: "row" }, panel.name), element("td", { class: "number" }, String(distance)),
    ...models.map((model) => {
      const curve = panel.curves.find((each) => each.model === model), i = curve ? curve.distance.indexOf(distance) : -1;
      return element("td", { class: "number", "data-by": i < 0 ? null : curve.value[i] }, i < 0 ? "·" : curve.text[i]);
    }))));
  const table = element("table", { class: "sortable" },
    element("thead", {}, element("tr", {}, ...head.map((name, i) => element("th", { scope: "col", class: i ? "number" : null }, element("span", {}, name))))),
    element("tbody", {}, ...rows));
  makeSortable(table);
  return table;
}
