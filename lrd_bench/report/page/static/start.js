// What is shown stands in the address, so that it can be passed on; and printing.

/** Write what is selected into the address. */
function remember() {
  const told = new URLSearchParams();
  const names = (set, all, list) => (set.size === all.length ? null : [...set].sort((a, b) => a - b).map((i) => list[i].name));
  const models = names(selected.models, DATA.models, DATA.models), suites = names(selected.suites, drawable, DATA.suites);
  if (models) told.set("models", JSON.stringify(models));
  if (suites) told.set("suites", JSON.stringify(suites));
  if (selected.filler !== "apart") told.set("filler", selected.filler === ALL ? ALL : JSON.stringify(chosenIn(find("#curve-filler"))));
  if (selected.nouns !== ALL) told.set("nouns", JSON.stringify(chosenIn(find("#curve-nouns"))));
  if (asked.suite !== undefined) {
    const values = { text: asked.text, model: asked.model === "" ? "" : DATA.models[Number(asked.model)].name, outcome: asked.outcome };
    const any = openItem !== null || Object.keys(asked.factors).length || Object.values(values).some(Boolean) || asked.suite !== 0;
    if (any) told.set("items", kept[asked.suite].name);
    for (const [key, value] of Object.entries(values)) if (value) told.set(key, value);
    if (Object.keys(asked.factors).length) told.set("factors", JSON.stringify(asked.factors));
    if (openItem !== null) told.set("item", openItem);
  }
  const address = told.size ? `#?${told}` : location.hash.startsWith("#?") ? "#curves" : location.hash;
  history.replaceState(null, "", address || location.pathname);
}

/** Show what the address says; what it names that is not here is left as it was. */
async function recall() {
  if (!location.hash.startsWith("#?")) return;
  const told = new URLSearchParams(location.hash.slice(2));
  const parsed = (key) => { try { return JSON.parse(told.get(key)); } catch { return null; } };
  for (const [key, list] of [["models", DATA.models], ["suites", DATA.suites]]) {
    const names = parsed(key);
    if (!Array.isArray(names)) continue;
    selected[key].clear();
    list.forEach((each, i) => { if (names.includes(each.name) && (key === "models" || drawable.includes(i))) selected[key].add(i); });
  }
  for (const key of ["filler", "nouns"]) {
    const select = find(`#curve-${key}`);
    if (!told.has(key) || !select.values) continue;
    const place = told.get(key) === ALL ? -1 : select.values.indexOf(parsed(key));
    select.value = selected[key] = place < 0 ? ALL : `=${place}`;
  }
  if (drawable.length) drawCurves();
  const place = kept.findIndex((suite) => suite.name === told.get("items"));
  if (place < 0) return;
  const model = DATA.models.findIndex((each) => each.name === told.get("model"));
  const more = { text: told.get("text") ?? "", model: model < 0 ? "" : String(model), outcome: told.get("outcome") ?? "", item: told.get("item") };
  await lookUp(place, parsed("factors") ?? {}, { more });
}

/** A link that names a suite (and a model) shows its curve. */
function follow(event) {
  const link = event.target.closest("a[data-suite]");
  if (!link) return;
  const suite = drawable.find((i) => DATA.suites[i].name === link.dataset.suite);
  if (suite === undefined) return;
  selected.suites.clear();
  selected.suites.add(suite);
  DATA.models.forEach((_, model) => selected.models.add(model));
  changed();
  event.preventDefault();
  find("#curves").scrollIntoView();
}

const folds = [...document.querySelectorAll("#tables details")];
find(".fold").hidden = folds.length < 2;
find("#unfold").addEventListener("click", () => { for (const fold of folds) fold.open = true; });
find("#fold").addEventListener("click", () => { for (const fold of folds) fold.open = false; });

let closed = [];
addEventListener("beforeprint", () => { // what is folded would not be printed
  closed = folds.filter((fold) => !fold.open);
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => { for (const fold of closed) fold.open = false; });
addEventListener("hashchange", recall);
document.addEventListener("click", follow);
for (const form of document.forms) form.addEventListener("submit", (event) => event.preventDefault());

startCurves();
startItems();
recall();
