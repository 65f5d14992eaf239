// Looking items up: one suite at a time, unpacked when it is first wanted; filters, pages, and what every model made of each.

const PAGE = 20;
const RIGHT = 4, TIE = 2, WRONG = 0, UNSCORED = 255; // `correct`, in quarters
const SIGNS = { right: "●", wrong: "○", tie: "◐", mixed: "◑", unscored: "–" };
const CLOSING = /^[.,;:!?)\]%]+$/;

const kept = DATA.suites.filter((suite) => suite.items !== null); // in the order of their packed data
const loading = new Map(); // place in `kept` → promise of an opened suite
const asked = {}; // what is looked for: suite, text, question, model, outcome, order, page, and a value for each factor
let openItem = null; // the id of the item whose details are shown

function startItems() {
  if (kept.length === 0) return;
  const form = find("#item-controls");
  form.hidden = find("#item-status").hidden = find("#pager").hidden = false;
  find("#found").classList.add("waiting"); // keeps their place, so that nothing jumps when they come
  form.addEventListener("submit", (event) => event.preventDefault());
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    if (asked.suite === undefined) lookUp(0, {}, { stay: true });
  }, { rootMargin: "600px" });
  seen.observe(form);
}

/** Show the items of a suite that have these values of factors. stay: leave the page where it is */
async function lookUp(place, factors, { stay = false, more = {} } = {}) {
  for (const key of Object.keys(asked)) delete asked[key];
  Object.assign(asked, { suite: place, text: "", question: 0, model: "", outcome: "", order: "file", page: 0, factors: {} }, more);
  for (const [name, value] of Object.entries(factors)) if (value !== undefined) asked.factors[name] = value;
  openItem = more.item ?? null;
  await showItems({ anew: true });
  if (!stay) find("#items").scrollIntoView();
}

async function showItems({ anew = false } = {}) {
  const status = find("#item-status"), wanted = asked.suite;
  let suite;
  try {
    if (!loading.has(wanted)) {
      status.textContent = "Unpacking the items …";
      loading.set(wanted, unpacked(document.getElementById(`items-${wanted}`).textContent).then(opened));
    }
    suite = await loading.get(wanted);
  } catch (error) {
    loading.delete(wanted);
    status.textContent = typeof DecompressionStream === "undefined"
      ? "This browser cannot unpack the items. Firefox from 113, Chrome from 80 and Safari from 16.4 on can."
      : `The items cannot be unpacked (${error.message}).`;
    return;
  }
  if (asked.suite !== wanted) return; // something else was asked for meanwhile
  if (anew) {
    fillControls(suite);
    find("#marks")?.remove();
    find("#found").before(keyOfMarks(suite));
  }
  const found = foundIn(suite);
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  if (openItem !== null && anew) asked.page = Math.max(0, Math.floor(found.indexOf(suite.ids.indexOf(openItem)) / PAGE));
  asked.page = Math.min(asked.page, pages - 1);
  status.textContent = `${found.length.toLocaleString("en")} of ${counted(suite.ids.length, "item")}`;
  find("#found").replaceChildren(...found.slice(asked.page * PAGE, (asked.page + 1) * PAGE).map((i) => entryOf(suite, i)));
  find("#found").classList.remove("waiting");
  find("#found").start = asked.page * PAGE + 1;
  fillPager(pages);
}

/** A suite, its columns at hand. */
function opened({ head, codes, numbers, has }) {
  const sentences = head.conditions.map((_, c) => {
    const lengths = codes(`length.${c}`), starts = new Uint32Array(lengths.length + 1);
    lengths.forEach((length, i) => { starts[i + 1] = starts[i] + length; });
    return { starts, words: codes(`words.${c}`) };
  });
  const factors = head.factors.map((factor) => ({ ...factor, codes: codes(`factor.${factor.name}`) }));
  const groups = codes("group"), twins = codes("twin");
  const models = [...new Set(head.runs.map((run) => run.model))];
  const runs = new Map(models.map((model) => [model, head.runs.map((_, run) => run).filter((run) => head.runs[run].model === model)]));
  return {
    ...head, sentences, twins, factors, codes, numbers, has, models,
    lower: head.words.map((word) => word.toLowerCase()),
    runsOf: (model) => runs.get(model),
    group: (i) => head.groups[groups[i]],
    factor: (name, i) => { const of = factors.find((each) => each.name === name); return of ? of.values[of.codes[i]] : null; },
    correct: head.runs.map((_, run) => head.predictions.map((__, p) => codes(`correct.${p}.${run}`))),
  };
}

/** right, wrong, tie, unscored, or mixed where a model's seeds disagree. */
function outcomeOf(suite, model, i, question = asked.question) {
  const [first, ...others] = suite.runsOf(model), value = suite.correct[first][question][i];
  for (const run of others) if (suite.correct[run][question][i] !== value) return "mixed";
  return value === RIGHT ? "right" : value === WRONG ? "wrong" : value === UNSCORED ? "unscored" : "tie";
}

/** The items that fit what is asked for, in the order asked for; kept for the next page. */
function foundIn(suite) {
  const { page, ...question } = asked;
  const key = JSON.stringify(question);
  if (suite.key !== key) Object.assign(suite, { key, found: ordered(suite, matching(suite)) });
  return suite.found;
}

/** The items that fit what is asked for, in the order of the file. */
function matching(suite) {
  const tests = Object.entries(asked.factors).map(([name, value]) => {
    const factor = suite.factors.find((each) => each.name === name);
    const code = factor ? factor.values.indexOf(value) : -1;
    return (i) => factor !== undefined && factor.codes[i] === code;
  });
  if (asked.outcome !== "") {
    const models = asked.model === "" ? suite.models : [Number(asked.model)];
    const test = asked.model === "" && asked.outcome === "right" ? "every" : "some"; // right by all; wrong by any
    tests.push((i) => models[test]((model) => outcomeOf(suite, model, i) === asked.outcome));
  }
  for (const term of asked.text.toLowerCase().split(/\s+/).filter(Boolean)) tests.push(holding(suite, term));
  const found = [];
  for (let i = 0; i < suite.ids.length; i++) if (tests.every((test) => test(i))) found.push(i);
  return found;
}

/** Whether an item has a word that begins with the term, or the term in its id. */
function holding(suite, term) {
  const fits = Uint8Array.from(suite.lower, (word) => (word.startsWith(term) ? 1 : 0));
  return (i) => suite.ids[i].toLowerCase().includes(term) || suite.sentences.some(({ starts, words }) => {
    for (let at = starts[i]; at < starts[i + 1]; at++) if (fits[words[at]]) return true;
    return false;
  });
}

function ordered(suite, found) {
  if (asked.order === "file" || asked.model === "") return found;
  const runs = suite.runsOf(Number(asked.model)).map((run) => suite.numbers(`margin.${asked.question}.${run}`));
  const keys = new Float64Array(suite.ids.length), sign = asked.order === "wrong" ? 1 : -1;
  for (const i of found) {
    const margin = sign * runs.reduce((sum, margins) => sum + margins[i], 0);
    keys[i] = Number.isNaN(margin) ? Infinity : margin; // what is unscored has no margin, and comes last
  }
  return found.sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a] - keys[b])); // infinities cannot be subtracted
}
