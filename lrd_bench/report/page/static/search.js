// The controls of the items, and the pages of what was found.

function fillControls(suite) {
  const form = find("#item-controls"), varying = suite.factors.filter((factor) => factor.values.length > 1 && factor.values.length <= 60);
  const several = suite.predictions.length > 1;
  const first = ["distance", DATA.factors.filler, DATA.factors.nouns, "seen"];
  const rank = (factor) => (first.includes(factor.name) ? first.indexOf(factor.name) : first.length);
  varying.sort((a, b) => rank(a) - rank(b));
  const boxes = varying.map((factor) => factorBox(factor));
  form.replaceChildren(
    element("div", { class: "row" },
      box("Suite", "suite", kept.map((each, place) => [place, each.name]), Number),
      textBox(),
      several ? box("Question", "question", suite.predictions.map((each, p) => [p, calledQuestion(suite, each)]), Number) : null,
      box("Model", "model", [["", "any"], ...suite.models.map((model) => [model, DATA.models[model].name])], String),
      box("Outcome", "outcome", outcomesOf(suite), String),
      box("Order", "order", [["file", "as in the file"], ["wrong", "most surely wrong first"], ["right", "most surely right first"]], String)),
    element("div", { class: "row" }, ...boxes.slice(0, first.length)),
    boxes.length > first.length
      ? element("details", { class: "more", open: varying.slice(first.length).some(({ name }) => name in asked.factors) },
        element("summary", {}, "More factors"), element("div", { class: "row" }, ...boxes.slice(first.length)))
      : "");
  nameOutcomes();
}

/** What a prediction is called: by its formula where there are several of its kind. */
function calledQuestion(suite, prediction) {
  const alone = suite.predictions.filter((each) => each.twin === prediction.twin).length === 1;
  return !alone ? prediction.text : prediction.twin ? "double difference" : "accuracy";
}

function outcomesOf(suite) {
  const seeds = suite.runs.length > suite.models.length;
  return [["", "any"], ["right", "right"], ["wrong", "wrong"], ["tie", "tie"], ["unscored", "unscored"], ...(seeds ? [["mixed", "seeds disagree"]] : [])];
}

function box(label, key, choices, read) {
  const select = element("select", { name: key, onchange: () => {
    if (key === "suite") { lookUp(Number(select.value), {}, { stay: true }).then(remember); return; }
    asked[key] = read(select.value);
    if (key === "model") nameOutcomes();
    searchAgain();
  } }, ...choices.map(([value, name]) => option(value, name)));
  select.value = String(asked[key]);
  return element("label", {}, element("span", {}, label), " ", select);
}

/** Of any model, right means right by all and the rest by some; and only one model's margins can be an order. */
function nameOutcomes() {
  const order = find("#item-controls select[name=order]"), outcome = find("#item-controls select[name=outcome]");
  order.disabled = asked.model === "";
  find("span", order.closest("label")).textContent = order.disabled ? "Order (choose a model)" : "Order";
  for (const choice of outcome.options) {
    const plain = choice.value === "mixed" ? "seeds disagree" : choice.value;
    choice.textContent = choice.value === "" ? "any" : asked.model !== "" ? plain : plain === "right" ? "right by all" : `${plain} by some`;
  }
}

function textBox() {
  const input = element("input", { type: "search", name: "text", value: asked.text, placeholder: "keys near, or an id", spellcheck: "false", autocomplete: "off" });
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { asked.text = input.value; searchAgain(); }, 150);
  });
  return element("label", { class: "wide" }, "Words or id ", input);
}

function factorBox(factor) {
  const order = factor.values.map((_, code) => code).sort((a, b) => {
    const [one, other] = [factor.values[a], factor.values[b]];
    return (one === null) - (other === null) || collated.compare(String(one), String(other));
  });
  const select = element("select", { name: `factor-${factor.name}`, onchange: () => {
    if (select.value === "") delete asked.factors[factor.name];
    else asked.factors[factor.name] = factor.values[Number(select.value)];
    searchAgain();
  } }, option("", "any"), ...order.map((code) => option(code, valueOf(factor.name, factor.values[code]))));
  const at = factor.name in asked.factors ? factor.values.indexOf(asked.factors[factor.name]) : -1;
  select.value = at < 0 ? "" : String(at);
  return element("label", { title: DATA.meanings[factor.name] }, named(factor.name), " ", select);
}

function searchAgain() {
  asked.page = 0;
  openItem = null;
  showItems().then(remember);
}

function fillPager(pages) {
  const turn = (by) => () => {
    asked.page += by;
    openItem = null;
    showItems().then(remember);
    find("#item-status").scrollIntoView({ block: "nearest" });
  };
  find("#pager").replaceChildren(
    element("button", { type: "button", disabled: asked.page === 0, onclick: turn(-1) }, "← Previous"),
    element("span", {}, `Page ${(asked.page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`),
    element("button", { type: "button", disabled: asked.page >= pages - 1, onclick: turn(1) }, "Next →"));
}
