"use strict";
// What all parts share: the data, and elements made from text. No name from a file is ever read as markup.

const DATA = JSON.parse(document.getElementById("data").textContent);

/** An element with attributes (of those that begin with "on", listeners) and children; text stays text. */
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same in SVG. */
function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key.startsWith("--")) made.style.setProperty(key, value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function find(selector, within = document) {
  return within.querySelector(selector);
}

function option(value, label) {
  return element("option", { value }, label);
}

/** The colour of a model, as CSS. */
function colourOf(model) {
  return `var(--model-${DATA.models[model].style % DATA.colours})`;
}

/** The symbol of a model, as an SVG path around (0, 0). */
function symbolOf(model, radius = 3.6) {
  const shape = DATA.shapes[DATA.models[model].style % DATA.shapes.length];
  const r = radius, s = radius * 0.88, t = radius * 1.15;
  return {
    "circle": `M${r},0A${r},${r} 0 1 1 ${-r},0A${r},${r} 0 1 1 ${r},0Z`,
    "square": `M${-s},${-s}H${s}V${s}H${-s}Z`,
    "triangle-up": `M0,${-t}L${t},${s}H${-t}Z`,
    "diamond": `M0,${-t}L${t},0L0,${t}L${-t},0Z`,
    "triangle-down": `M0,${t}L${t},${-s}H${-t}Z`,
    "cross": `M${-s / 2.4},${-t}h${s / 1.2}v${t - s / 2.4}h${t - s / 2.4}v${s / 1.2}h${-(t - s / 2.4)}v${t - s / 2.4}` +
      `h${-s / 1.2}v${-(t - s / 2.4)}h${-(t - s / 2.4)}v${-s / 1.2}h${t - s / 2.4}Z`,
    "triangle-right": `M${t},0L${-s},${t}V${-t}Z`,
    "triangle-left": `M${-t},0L${s},${t}V${-t}Z`,
  }[shape];
}

function dashesOf(model) {
  return DATA.dashes[DATA.models[model].style % DATA.dashes.length].join(" ");
}

/** A short stretch of a model's line with its symbol, for legends. */
function sampleOf(model) {
  return drawn("svg", { class: "sample", viewBox: "0 0 28 10", width: 28, height: 10, "aria-hidden": "true", "--model": colourOf(model) },
    drawn("line", { x1: 0, x2: 28, y1: 5, y2: 5, "stroke-dasharray": dashesOf(model) }),
    drawn("path", { d: symbolOf(model), transform: "translate(14 5)" }));
}

/** 1 word, 2 words. */
function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** A factor's value as it is shown: an empty one is called none, and what an item lacks is a dash. */
function shown(value) {
  return value === null ? "–" : value === "" ? "none" : String(value);
}

/** What a factor is called on the page. */
function named(factor) {
  return { [DATA.factors.nouns]: "opposing nouns", seen: "withheld" }[factor] ?? factor.replaceAll("_", " ");
}

/** A value of a factor; of what is withheld of an item, `seen` is nothing. */
function valueOf(factor, value) {
  return factor === "seen" && value === "seen" ? "nothing" : shown(value);
}
