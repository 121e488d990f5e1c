// The workbench on /sparql: an editor in the place of the text field, and results without leaving the page.
// Results are the part of the page that the server makes for everybody; this adds other views of them.

import { suggestions } from "./completion.js";
import { makeEditor } from "./editor.js";
import { fetchPage } from "./fetching.js";
import { chart, chartable, dataOf, graphOf, raw } from "./views.js";
import { Vocabulary } from "./vocabulary.js";

const LONGEST_ADDRESS = 7_000; // characters; a longer query is sent in the body and has no link
const form = document.querySelector("form[data-vocabulary]");
const lang = document.documentElement.lang;
const { dataset: given } = form;
const field = form.elements.query;
const vocabulary = new Vocabulary(given.vocabulary, lang);
const parts = document.querySelector("#workbench-parts").content;
const status = document.querySelector("#status");
let result = document.querySelector("#result");
let running = null;
let drawing = 0;

const tools = document.importNode(parts.querySelector(".tools"), true);
form.querySelector("button[type=submit]").replaceWith(tools);
const [stopButton, copyButton] = ["stop", "copy"].map((name) => tools.querySelector(`[data-tool=${name}]`));

const label = form.querySelector("label[for=query]");
const editor = makeEditor(field, {
  source: suggestions(vocabulary, given.search),
  run,
  label: label.textContent,
  hint: form.querySelector("#editor-hint").textContent,
});
label.addEventListener("click", () => editor.focus());
form.querySelector("#editor-hint").hidden = false;

form.addEventListener("submit", (event) => {
  if (form.elements.format.value) return; // a file: the browser fetches it
  event.preventDefault();
  run();
});
stopButton.addEventListener("click", () => running?.abort());
copyButton.addEventListener("click", copy);
addEventListener("popstate", () => {
  editor.text = new URLSearchParams(location.search).get("query") ?? "";
  if (editor.text.trim()) fetchResult({ isNew: false });
  else show(null);
});
dress();

/** What the form holds, as it is sent. */
function wanted() {
  const pairs = new URLSearchParams(new FormData(form));
  pairs.delete("format");
  pairs.set("query", editor.text);
  return pairs;
}

function addressOf(pairs) {
  return `${form.getAttribute("action").split("?")[0]}?${pairs}`;
}

function run() {
  if (editor.text.trim()) fetchResult({ isNew: true });
  else editor.focus();
}

/** Ask the server; the page keeps the query in its address, so that it can be gone back to and passed on. */
async function fetchResult({ isNew }) {
  running?.abort();
  const mine = (running = new AbortController());
  const pairs = wanted();
  const address = addressOf(pairs);
  const isLong = address.length > LONGEST_ADDRESS;
  if (isNew && !isLong && address !== location.pathname + location.search) history.pushState(null, "", address);
  for (const link of document.querySelectorAll(".languages a")) {
    const other = new URL(link.href);
    other.searchParams.set("query", pairs.get("query"));
    link.href = other.href;
  }
  stopButton.hidden = false;
  result.setAttribute("aria-busy", "true");
  status.textContent = given.running;
  editor.clear();
  const began = performance.now();
  try {
    const { page } = await fetchPage({ ...(isLong ? { address: addressOf("").slice(0, -1), body: pairs } : { address }), signal: mine.signal });
    show(page);
    const seconds = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format((performance.now() - began) / 1000);
    status.textContent = [result.dataset.summary, given.seconds.replace("{seconds}", seconds)].filter(Boolean).join(" · ");
  } catch (error) {
    if (running !== mine) return;
    show(null);
    status.textContent = error.name === "AbortError" ? given.stopped : given.unreachable;
  } finally {
    if (running === mine) {
      running = null;
      stopButton.hidden = true;
      result.removeAttribute("aria-busy");
    }
  }
}

/** Put the result of a page in the place of the old one; of a page without one, what it says. */
function show(page) {
  drawing += 1;
  const found = page?.querySelector("#result");
  const fresh = found ? document.importNode(found, true) : Object.assign(document.createElement("div"), { id: "result" });
  if (page && !found) {
    const message = document.createElement("div");
    message.className = "message";
    message.setAttribute("role", "alert");
    const said = page.querySelectorAll("main h1, main p");
    message.append(...[...said].map((part) => Object.assign(document.createElement("p"), { textContent: part.textContent })));
    fresh.append(message);
  }
  result.replaceWith(fresh);
  result = fresh;
  dress();
}

/** Mark what was wrong in the editor, and offer the other views that a result has. */
function dress() {
  const wrong = result.querySelector("[data-line]");
  if (wrong) editor.markWrong(Number(wrong.dataset.line), Number(wrong.dataset.column));
  copyButton.hidden = !result.dataset.form;
  const made = result.querySelector("[data-made]");
  if (!made || !result.querySelector("a[data-format]")) return;
  const bar = document.importNode(parts.querySelector(".views"), true);
  const names = result.dataset.form === "CONSTRUCT" ? ["made", "graph"] : ["made", "chart", "raw"];
  const buttons = Object.fromEntries([...bar.querySelectorAll("button")].map((button) => [button.dataset.view, button]));
  buttons.made.textContent = result.dataset.form === "CONSTRUCT" ? "Turtle" : buttons.made.textContent;
  const data = dataOf(result);
  const other = document.createElement("div");
  made.before(bar);
  made.after(other);
  for (const [name, button] of Object.entries(buttons)) {
    button.hidden = !names.includes(name) || (name !== "made" && result.dataset.form === "ASK" && name !== "raw");
    button.addEventListener("click", () => choose(name, { buttons, made, other, data }));
  }
  if (names.includes("chart")) offerChart(buttons.chart, made, data);
}

/** Offer a chart only where there is something to draw. */
async function offerChart(button, made, data) {
  button.hidden = true;
  if (result.dataset.form !== "SELECT" || !made.querySelector("td.number")) return;
  try {
    button.hidden = !chartable(await data("json"), await vocabulary.get());
  } catch {
    // Without the data there is no chart; the table stands.
  }
}

async function choose(name, { buttons, made, other, data }) {
  const mine = (drawing += 1);
  for (const [key, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(key === name));
  made.hidden = name !== "made";
  other.replaceChildren();
  if (name === "made") return;
  try {
    const view = await viewOf(name, data);
    if (mine !== drawing) return;
    other.replaceChildren(view.element);
    view.start?.();
  } catch {
    if (mine === drawing) status.textContent = given.unreachable;
  }
}

/** The element of a view; `start` is called when it stands in the page. */
async function viewOf(name, data) {
  if (name === "raw") return { element: raw(await data("json")) };
  const known = await vocabulary.get();
  if (name === "chart") {
    const found = chartable(await data("json"), known);
    return { element: chart(found, lang, `${found.label} · ${found.name}`) };
  }
  const [{ draw }, triples] = await Promise.all([import(given.graph), data("nt")]);
  const graph = graphOf(triples, known, (iri) => `${given.resource}${given.resource.includes("?") ? "&" : "?"}iri=${encodeURIComponent(iri)}`);
  const element = document.importNode(parts.querySelector(".drawing"), true);
  const note = element.querySelector(".left-out");
  note.hidden = !graph.leftOut;
  note.textContent = note.textContent.replace("{count}", String(graph.leftOut));
  const start = () => {
    const drawn = draw(element.querySelector(".canvas"), graph, {
      palette: (style) => element.querySelector(`.style-${style}`),
      open: (href) => location.assign(href),
    });
    const actions = { in: () => drawn.zoom(1.3), out: () => drawn.zoom(1 / 1.3), fit: drawn.fit };
    for (const button of element.querySelectorAll("button[data-zoom]")) button.addEventListener("click", actions[button.dataset.zoom]);
  };
  return { element, start };
}

async function copy() {
  try {
    await navigator.clipboard.writeText(new URL(addressOf(wanted()), location.href).href);
    status.textContent = given.copied;
  } catch {
    status.textContent = given.notCopied;
  }
}
