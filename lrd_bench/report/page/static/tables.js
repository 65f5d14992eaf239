// Tables that sort: by a click on a heading, or Enter on it; once more turns the order round, and a third time restores it.

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);

function makeSortable(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = element("button", { type: "button", title: "Sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const order = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
      for (const other of heads) other.removeAttribute("aria-sort");
      if (order !== "none") head.setAttribute("aria-sort", order);
      table.tBodies[0].append(...(order === "none" ? rows : sorted(rows, column, order)));
    });
  });
}

function sorted(rows, column, order) {
  const keys = new Map(rows.map((row) => [row, keyOf(row.cells[column])]));
  const direction = order === "ascending" ? 1 : -1;
  return [...rows].sort((one, other) => {
    const a = keys.get(one), b = keys.get(other);
    if (a === null || b === null) return (a === null) - (b === null); // what is empty comes last, both ways
    return direction * (typeof a === "number" && typeof b === "number" ? a - b : collated.compare(String(a), String(b)));
  });
}

const collated = new Intl.Collator("en", { numeric: true });

/** What a cell sorts by: a number where it is one, null where it is empty. */
function keyOf(cell) {
  if (cell.dataset.by !== undefined) return Number(cell.dataset.by);
  const said = cell.textContent.trim();
  if (["", "·", "–", "unscored"].includes(said)) return null;
  if (said === "∞" || said === "-∞") return said === "∞" ? Infinity : -Infinity;
  return said !== "" && !Number.isNaN(Number(said)) ? Number(said) : said;
}
