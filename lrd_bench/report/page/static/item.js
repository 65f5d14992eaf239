// One item: its line in the list, and its details.

function entryOf(suite, i) {
  const id = suite.ids[i], open = openItem === id;
  const marks = suite.models.map((model) => {
    const outcome = outcomeOf(suite, model, i);
    return element("span", { class: "mark", title: `${DATA.models[model].name}: ${outcome}`, "--model": colourOf(model) }, SIGNS[outcome]);
  });
  const said = suite.models.map((model) => `${DATA.models[model].name} ${outcomeOf(suite, model, i)}`).join(", ");
  const button = element("button", { type: "button", class: "entry", "aria-expanded": String(open) },
    sentenceOf(suite, i, 0, true), element("span", { class: "marks", role: "img", "aria-label": said }, ...marks));
  const entry = element("li", {}, button, open ? detailsOf(suite, i) : null);
  button.addEventListener("click", () => {
    openItem = openItem === id ? null : id;
    const next = entryOf(suite, i);
    entry.replaceWith(next);
    find("button", next).focus();
    remember();
  });
  return entry;
}

/** What the marks of every item mean, and whose they are. */
function keyOfMarks(suite) {
  const signs = outcomesOf(suite).filter(([outcome]) => outcome).map(([outcome, label]) => `${SIGNS[outcome]} ${label}`);
  const models = suite.models.map((model) => element("span", { class: "whole" },
    element("span", { class: "mark", "--model": colourOf(model) }, SIGNS.right), ` ${DATA.models[model].name}`));
  return element("p", { class: "note key", id: "marks" }, "Marks of each item, from left to right: ",
    ...models.flatMap((model, i) => (i ? [", ", model] : [model])), `; ${signs.join(", ")}.`);
}

function wordsOf(suite, i, condition, from = 0, to = Infinity) {
  const { starts, words } = suite.sentences[condition];
  return [...words.subarray(starts[i] + from, Math.min(starts[i + 1], starts[i] + to))].map((code) => suite.words[code]);
}

/** [first, last) of a region; null where the sentence has none. */
function spanOf(suite, i, condition, region) {
  const place = suite.regions.indexOf(region);
  if (region === "*") return [0, Infinity];
  const start = suite.has(`start.${condition}.${place}`) ? suite.codes(`start.${condition}.${place}`)[i] : 0;
  return start ? [start - 1, suite.codes(`stop.${condition}.${place}`)[i]] : null;
}

/** How a region is marked: what is asked about is critical, whatever it is called. */
function kindOf(suite, region) {
  if (region === "cue") return "cue";
  if (region === "critical" || suite.asked.some(([, asked]) => asked === region)) return "critical";
  return region.startsWith("attractor") ? "between" : null;
}

/** A sentence with its cue, the nouns between and its critical region marked; with what the other sentence has there. */
function sentenceOf(suite, i, condition, both) {
  const words = wordsOf(suite, i, condition), kinds = words.map(() => "");
  const regions = [...suite.regions].sort((a, b) => ["cue", "critical"].includes(a) - ["cue", "critical"].includes(b));
  for (const region of regions) {
    const span = spanOf(suite, i, condition, region), kind = kindOf(suite, region);
    if (span && kind) kinds.fill(kind, span[0], span[1]);
  }
  const made = element("span", { class: "sentence" });
  for (let at = 0, end; at < words.length; at = end) {
    for (end = at + 1; end < words.length && kinds[end] === kinds[at]; end++);
    const run = words.slice(at, end).map((word) => (CLOSING.test(word) ? word : ` ${word}`)).join("");
    if (run.startsWith(" ") && at > 0) made.append(" ");
    made.append(kinds[at] ? element("mark", { class: kinds[at] }, run.trim()) : run.trimStart());
    if (both && kinds[at] === "critical") {
      for (let other = 0; other < suite.conditions.length; other++) {
        const span = other === condition ? null : spanOf(suite, i, other, "critical");
        if (span) made.append(" ", element("s", {}, wordsOf(suite, i, other, ...span).join(" ")));
      }
    }
  }
  return made;
}

function detailsOf(suite, i) {
  const twin = suite.twins[i] === i ? null : suite.twins[i];
  const facts = [["id", suite.ids[i]], ["group", shown(suite.group(i))],
    ...suite.factors.map((factor) => [factor.name, valueOf(factor.name, factor.values[factor.codes[i]])])];
  const link = element("a", { href: `#?${new URLSearchParams({ items: suite.suite, item: suite.ids[i] })}` }, "link to this item");
  return element("div", { class: "details" },
    element("div", { class: "twins" }, askedOf(suite, i, "The item"), twin === null ? null : askedOf(suite, twin, "Its twin")),
    ...suite.predictions.map((prediction, p) => (prediction.twin ? doublesOf(suite, i, p) : null)),
    element("dl", { class: "facts" }, ...facts.map(([name, value]) => element("div", {},
      element("dt", { title: DATA.meanings[name] }, named(name)), element("dd", {}, value)))),
    element("p", { class: "note" }, link));
}

/** An item's sentences, and what each model gives them. */
function askedOf(suite, i, title) {
  const plain = suite.predictions.findIndex((prediction) => !prediction.twin);
  const question = suite.predictions[asked.question].twin ? plain : asked.question;
  const sentences = suite.conditions.map((condition, c) => element("p", { class: c && suite.ranked ? "asked unlikelier" : "asked" },
    element("span", { class: "condition" }, condition), " ", sentenceOf(suite, i, c, false)));
  const known = suite.asked.filter((_, b) => suite.runs.some((__, r) => suite.has(`bits.${b}.${r}`)));
  const names = known.map(([condition, region]) => nameOf(suite, i, condition, region));
  const places = names.map((name, n) => (names.filter((each) => each === name).length > 1 ? `${name}, ${known[n][0]}` : name));
  const head = ["model", "", ...places.map((name) => `p(${name})`), "margin, bits"];
  const rows = suite.runs.map((run, r) => element("tr", {},
    element("th", { scope: "row" }, ...calledOf(suite, run)),
    question < 0 ? element("td") : outcomeCell(suite, i, r, question),
    ...known.map((place) => {
      const b = suite.asked.indexOf(place);
      const bits = suite.has(`bits.${b}.${r}`) ? suite.numbers(`bits.${b}.${r}`)[i] : NaN;
      return element("td", { class: "number", title: Number.isNaN(bits) ? null : `${bits.toFixed(2)} bits` }, probability(bits));
    }),
    question < 0 ? element("td") : marginCell(suite, i, r, question)));
  return element("section", {}, element("h4", {}, title), ...sentences, question < 0 && places.length === 0 ? null : element("div", { class: "scroll" },
    element("table", {}, element("thead", {}, element("tr", {}, ...head.map((name, n) => element("th", { scope: "col", class: n > 1 ? "number" : null }, name)))),
      element("tbody", {}, ...rows))));
}

/** What a probability is of: the words of a region, or the sentence. */
function nameOf(suite, i, condition, region) {
  const number = suite.conditions.indexOf(condition), span = number < 0 ? null : spanOf(suite, i, number, region);
  return region === "*" || !span ? `${condition} ${region === "*" ? "sentence" : region}` : wordsOf(suite, i, number, ...span).join(" ");
}

function calledOf(suite, run) {
  const several = suite.runsOf(run.model).length > 1;
  return [sampleOf(run.model), ` ${DATA.models[run.model].name}${several ? `, seed ${run.seed}` : ""}`];
}

function outcomeCell(suite, i, r, question) {
  const correct = suite.correct[r][question][i];
  const outcome = correct === RIGHT ? "right" : correct === WRONG ? "wrong" : correct === UNSCORED ? "unscored" : "tie";
  const why = outcome === "unscored" ? suite.reasons[suite.codes(`reason.${r}`)[i]] : null;
  return element("td", { class: `outcome ${outcome}`, title: why }, SIGNS[outcome], element("span", {}, ` ${outcome}`));
}

function marginCell(suite, i, r, question) {
  const margin = suite.numbers(`margin.${question}.${r}`)[i];
  const said = suite.runs[r].odds && !suite.predictions[question].twin ? likelier(margin) : null;
  return element("td", { class: "number", title: said }, bits(margin));
}

function doublesOf(suite, i, question) {
  const rows = suite.runs.map((run, r) => element("tr", {}, element("th", { scope: "row" }, ...calledOf(suite, run)),
    outcomeCell(suite, i, r, question), marginCell(suite, i, r, question)));
  return element("section", {}, element("h4", {}, "Both twins together (double difference)"), element("div", { class: "scroll" },
    element("table", {}, element("thead", {}, element("tr", {}, ...["model", "", "bits"].map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...rows))));
}

function bits(margin) {
  if (Number.isNaN(margin)) return "–";
  const sign = margin < 0 ? "−" : margin > 0 ? "+" : "";
  return `${sign}${Number.isFinite(margin) ? Math.abs(margin).toFixed(2) : "∞"}`;
}

/** What a margin means, in words. */
function likelier(margin) {
  if (!Number.isFinite(margin)) return null;
  const times = 2 ** Math.abs(margin);
  const said = times < 1e6 ? Number(times.toPrecision(3)).toLocaleString("en") : power(Math.abs(margin));
  return `the right one is ${said} times ${margin < 0 ? "less likely" : "likelier"}`;
}

/** 2^-bits, as a decimal as long as that can be read, then with a power of ten: one unit for a whole column. */
function probability(surprisal) {
  if (Number.isNaN(surprisal)) return "–";
  if (surprisal === Infinity) return "0";
  const chance = 2 ** -surprisal;
  return chance >= 0.001 ? chance.toPrecision(3) : power(-surprisal);
}

/** 2^exponent in powers of ten, be it as small as it may. */
function power(exponent) {
  const tens = exponent * Math.log10(2), whole = Math.floor(tens);
  return `${(10 ** (tens - whole)).toFixed(1)} × 10${superscript(whole)}`;
}

function superscript(number) {
  return [...String(number)].map((digit) => ({ "-": "⁻" })[digit] ?? "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}
