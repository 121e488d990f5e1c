// Other views of a result than the one that the server makes: the data as they came, a chart of bars, a drawing.

import { Vocabulary } from "./vocabulary.js";

const LONGEST = 200_000; // characters of data that are shown
const BARS = { least: 2, most: 100 };
const MOST_NODES = 300;
const NUMBERS = /#(integer|decimal|double|float|int|long|nonNegativeInteger|positiveInteger)$/;
const TRIPLE = /^<([^>]*)> <([^>]*)> <([^>]*)> \.$/;

/** The data of an answer that the server lists downloads of, in a format; fetched once. */
export function dataOf(result) {
  const kept = new Map();
  return (format, signal) => {
    const link = result.querySelector(`a[data-format="${format}"]`);
    if (!link) return Promise.reject(new DOMException("", "NotFoundError"));
    if (!kept.has(format)) {
      kept.set(format, fetch(link.href, { signal }).then((response) => (response.ok ? response.text() : Promise.reject(new DOMException("", "NetworkError")))));
      kept.get(format).catch(() => kept.delete(format));
    }
    return kept.get(format);
  };
}

/** The data as they came, in a block of text. */
export function raw(text) {
  const block = document.createElement("pre");
  block.className = "code";
  block.tabIndex = 0;
  const code = document.createElement("code");
  code.textContent = text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text;
  block.append(code);
  return block;
}

/** What a chart can show of solutions in JSON: { name, label, bars: [{ label, value }] }, or null. */
export function chartable(json, known) {
  const { head, results } = JSON.parse(json);
  const rows = results?.bindings ?? [];
  if (rows.length < BARS.least || rows.length > BARS.most) return null;
  const isNumber = (name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || NUMBERS.test(row[name].datatype ?? ""));
  const values = head.vars.find(isNumber);
  const others = head.vars.filter((name) => name !== values && rows.some((row) => row[name]) && !isNumber(name));
  const labels = others.find((name) => /label$/i.test(name)) ?? others[0];
  if (!values || !labels) return null;
  const bars = rows.map((row) => ({ label: said(row[labels], known), value: Number(row[values]?.value ?? 0) }));
  return bars.every(({ value }) => Number.isFinite(value)) ? { name: values, label: labels, bars } : null;
}

function said(term, known) {
  if (!term) return "–";
  return term.type === "uri" ? Vocabulary.nameOf(term.value, known) : term.value;
}

/** A chart of horizontal bars; it is a list, so that it reads without being seen. */
export function chart({ bars }, lang, caption) {
  const figure = document.createElement("figure");
  figure.className = "bars";
  const most = Math.max(...bars.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const format = new Intl.NumberFormat(lang);
  const list = document.createElement("ul");
  for (const { label, value } of bars) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = label;
    const number = document.createElement("span");
    number.className = "value";
    number.textContent = format.format(value);
    const bar = document.createElement("span");
    bar.className = value < 0 ? "bar negative" : "bar";
    bar.setAttribute("aria-hidden", "true");
    bar.style.setProperty("--share", String(Math.abs(value) / most));
    item.append(name, bar, number);
    list.append(item);
  }
  const text = document.createElement("figcaption");
  text.textContent = caption;
  figure.append(text, list);
  return figure;
}

/** The statements between things in N-Triples as a graph to draw, and how many things are left out. */
export function graphOf(triples, known, hrefOf) {
  const names = new Set();
  const edges = [];
  let leftOut = 0;
  const left = new Set();
  for (const line of triples.split("\n")) {
    const [, from, name, to] = TRIPLE.exec(line.trim()) ?? [];
    if (!from) continue;
    const added = [from, to].filter((iri) => !names.has(iri));
    if (names.size + added.length > MOST_NODES) {
      for (const iri of added) left.add(iri);
      continue;
    }
    for (const iri of added) names.add(iri);
    edges.push({ from, label: Vocabulary.nameOf(decoded(name), known), to });
  }
  leftOut = left.size;
  const styles = { thing: 0, class: 1, property: 2 };
  const nodes = [...names].map((iri) => {
    const real = decoded(iri);
    return { iri, label: Vocabulary.nameOf(real, known), href: hrefOf(real), style: styles[known.byIri.get(real)?.kind] ?? 0 };
  });
  return { nodes, edges, leftOut };
}

/** An IRI without the escapes of N-Triples. */
function decoded(iri) {
  return iri.replace(/\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})/g, (_, short, long) => String.fromCodePoint(parseInt(short ?? long, 16)));
}
