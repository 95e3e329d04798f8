// Draws which region of a file is which of the connectome; tells the server what was typed.

const CSS = `
:host { display: block; overflow-y: auto; font: 12.5px/1.35 Inter, "DejaVu Sans", "Segoe UI", system-ui, sans-serif; color: var(--dtb-ink); scrollbar-width: thin; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { position: sticky; top: 0; background: var(--dtb-panel); text-align: left; font-weight: 600; font-size: 11.5px; color: var(--dtb-muted); padding: 2px 8px 4px 0; }
th:nth-child(2) { width: 112px; }
td { border-top: 1px solid var(--dtb-line); padding: 2px 8px 2px 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
td.how { color: var(--dtb-muted); font-size: 11.5px; }
tr.none td:first-child { font-weight: 600; }
input { font: inherit; color: inherit; background: var(--dtb-panel); border: 1px solid var(--dtb-control); border-radius: 6px; height: 24px; width: 100%; padding: 0 5px; box-sizing: border-box; }
tr.none input { border-style: dashed; }
:focus-visible { outline: 2px solid var(--dtb-digital); outline-offset: -1px; }
`;

let nonce = 0;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function render({model, el}) {
  const body = element("tbody");
  const known = element("datalist", {id: "regions"});
  const heads = ["In the file", "Is", "Known by"].map((text) => element("th", {scope: "col"}, text));
  el.append(
    element("style", {}, CSS), known,
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body),
  );

  function list() {
    known.replaceChildren(...model.labels.map((label) => element("option", {value: label})));
  }

  function draw() {
    const focused = el.getRootNode().activeElement?.dataset?.theirs;
    body.replaceChildren(...model.rows.map((row) => {
      const box = element("input", {
        type: "text", list: "regions", value: row.ours, placeholder: row.proposal ? row.proposal + "?" : "none",
        "data-theirs": row.theirs, "aria-label": row.theirs + " is the region", autocomplete: "off", spellcheck: "false",
        onchange: () => { model.action = {theirs: row.theirs, ours: box.value.trim(), nonce: ++nonce}; },
      });
      return element("tr", {class: row.ours ? "" : "none"},
        element("td", {title: row.theirs}, row.theirs), element("td", {}, box),
        element("td", {class: "how", title: row.how}, row.how));
    }));
    if (focused) [...body.querySelectorAll("input")].find((box) => box.dataset.theirs === focused)?.focus();
  }

  model.on("labels", list);
  model.on("rows", draw);
  list();
  draw();
}
