// What the editor suggests: variables of the query, terms of the graph by name or label, and keywords.

import { syntaxTree } from "@codemirror/language";

const KEYWORDS = (
  "SELECT CONSTRUCT ASK DESCRIBE WHERE DISTINCT REDUCED PREFIX BASE FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES " +
  "SERVICE SILENT EXISTS NOT IN AS GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR " +
  "LANG LANGMATCHES DATATYPE STR IRI BOUND COALESCE IF REGEX REPLACE CONTAINS STRSTARTS STRENDS STRLEN SUBSTR LCASE UCASE CONCAT " +
  "YEAR MONTH DAY NOW ABS ROUND CEIL FLOOR ISIRI ISBLANK ISLITERAL ISNUMERIC UNDEF"
).split(" ");
const MOST = 60;
const QUIET = /String|Comment/;
const WITHIN = /<[^<>\s]*$|^(?:[^"]*"[^"]*")*[^"]*"[^"]*$/; // an IRI or a string that is not ended yet
const WORD = /[?$]?[\p{L}\p{N}_][\p{L}\p{N}_:.-]*|[?$]/u;
const SEARCHED_FROM = 3;

/** A source of completions over a vocabulary; `search` is the address that finds what the vocabulary leaves out. */
export function suggestions(vocabulary, search) {
  return async (context) => {
    const word = context.matchBefore(WORD);
    if (!word && !context.explicit) return null;
    if (QUIET.test(syntaxTree(context.state).resolveInner(context.pos, -1).name)) return null;
    const line = context.state.doc.lineAt(context.pos);
    if (WITHIN.test(line.text.slice(0, context.pos - line.from))) return null;
    const from = word?.from ?? context.pos;
    const typed = word?.text ?? "";
    if (/^[?$]/.test(typed)) return { from, options: variables(context, typed), filter: false };
    const known = await vocabulary.get();
    const wanted = wantedKind(context.state.sliceDoc(0, from));
    let found = ranked(known.terms, typed, wanted);
    if (!known.complete && typed.length >= SEARCHED_FROM && found.length < MOST && !context.aborted) {
      found = [...found, ...(await searched(search, typed, known))];
    }
    const options = [
      ...found.slice(0, MOST).map((term) => option(term, known.prefixes)),
      ...KEYWORDS.filter((keyword) => typed && keyword.startsWith(typed.toUpperCase())).map((label) => ({ label, type: "keyword" })),
    ];
    return options.length ? { from, options, filter: false } : null;
  };
}

/** The other variables of the query that begin so. */
function variables(context, typed) {
  const names = new Set([...context.state.doc.toString().matchAll(/[?$]([\p{L}_][\p{L}\p{N}_]*)/gu)].map(([, name]) => name));
  const begun = typed.slice(1);
  names.delete(begun);
  return [...names].filter((name) => name.startsWith(begun)).sort().map((name) => ({ label: `${typed[0]}${name}`, type: "variable" }));
}

/** Which kind of term belongs after a beginning of a query, as far as can be seen: class, property, thing, or any. */
export function wantedKind(before) {
  const plain = before.replace(/<[^<>\s]*>/g, "i:i").replace(/"[^"\n]*"(@[\w-]+|\^\^\S+)?|'[^'\n]*'/g, '""').replace(/#.*$/gm, "");
  const [, delimiter, rest] = /(?:^|(\s\.|[;{}[(,]))([^;{}[(,]*)$/.exec(plain.replace(/\.(?=\s|$)/g, " .")) ?? [];
  const terms = (rest ?? "").split(/\s+/).filter(Boolean);
  const place = terms.length + (delimiter === ";" || delimiter === "[" ? 1 : 0);
  if (delimiter === "," || delimiter === "(" || delimiter === undefined) return "";
  if (place === 1) return "property";
  if (place === 2) return ["a", "rdf:type"].includes(terms.at(-1)) ? "class" : "thing";
  return "";
}

/** The terms that fit what is typed, the best first. */
export function ranked(terms, typed, wanted) {
  const words = fold(typed);
  return terms
    .map((term) => [score(term, words), term])
    .filter(([points]) => points > 0)
    .sort(([one, first], [other, second]) =>
      (second.kind === wanted) - (first.kind === wanted) || other - one || first.label.length - second.label.length || (first.label < second.label ? -1 : 1))
    .map(([, term]) => term);
}

function score({ iri, name = "", label, others }, typed) {
  if (!typed) return 1;
  const label_ = fold(label);
  if (label_.startsWith(typed)) return 6;
  if (fold(name).startsWith(typed) || fold(name.split(":").pop()).startsWith(typed)) return 5;
  if (hasWord(label_, typed)) return 4;
  if (others.some((other) => fold(other).startsWith(typed))) return 3;
  if (others.some((other) => hasWord(fold(other), typed))) return 2;
  return fold(iri.split(/[/#]/).pop()).startsWith(typed) ? 1 : 0;
}

function hasWord(text, typed) {
  const at = text.indexOf(typed);
  return at > 0 && (/[^\p{L}\p{N}]/u.test(text[at - 1]) || hasWord(text.slice(at + 1), typed));
}

/** A text as it is compared: small letters, Danish ones also as they are typed without them. */
export function fold(text) {
  return text.toLowerCase().replaceAll("æ", "ae").replaceAll("ø", "oe").replaceAll("å", "aa");
}

async function searched(search, typed, { byIri }) {
  const address = new URL(search, location.href);
  address.searchParams.set("q", typed);
  address.searchParams.set("limit", "30");
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok) return [];
  const { hits } = await response.json();
  return hits.filter(({ iri }) => !byIri.has(iri)).map(({ iri, label }) => ({ iri, kind: "thing", label, others: [] }));
}

/** One suggestion: shown by its label, inserted by its name; the prefix is declared where it is not yet. */
function option({ iri, kind, name, label, others }, prefixes) {
  const inserted = name ?? `<${iri}>`;
  const prefix = name?.split(":")[0];
  return {
    label: inserted,
    displayLabel: label,
    detail: inserted === label ? undefined : inserted,
    info: others.length ? others.join(" · ") : undefined,
    type: kind,
    apply: (view, _, from, to) => {
      const doc = view.state.doc.toString();
      const changes = [{ from, to, insert: inserted }];
      let shift = 0;
      if (prefix !== undefined && !new RegExp(`^\\s*PREFIX\\s+${prefix}:`, "im").test(doc)) {
        const declared = `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
        const last = [...doc.matchAll(/^\s*(?:PREFIX|BASE)\b.*\n/gim)].at(-1);
        changes.unshift({ from: last && last.index < from ? last.index + last[0].length : 0, insert: declared });
        shift = declared.length;
      }
      view.dispatch({ changes, selection: { anchor: from + shift + inserted.length }, userEvent: "input.complete", scrollIntoView: true });
    },
  };
}
