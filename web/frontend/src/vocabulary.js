// The terms of the graph, fetched once: what the editor suggests, and what IRIs in a result are called.

export class Vocabulary {
  #address;
  #lang;
  #fetched;

  constructor(address, lang) {
    this.#address = address;
    this.#lang = lang;
  }

  /** { prefixes, terms, complete, byIri }; empty where the server cannot be reached. */
  get() {
    this.#fetched ??= this.#fetch();
    return this.#fetched;
  }

  async #fetch() {
    const response = await fetch(this.#address).catch(() => null);
    const found = response?.ok ? await response.json() : { prefixes: {}, terms: [], complete: true };
    for (const term of found.terms) {
      term.label = term.labels[this.#lang] ?? Object.values(term.labels)[0] ?? term.name ?? term.iri;
      term.others = Object.entries(term.labels).filter(([lang]) => lang !== this.#lang).map(([, label]) => label);
    }
    return { ...found, byIri: new Map(found.terms.map((term) => [term.iri, term])) };
  }

  /** What an IRI is called: its label, its name with a prefix, or its last part. */
  static nameOf(iri, { byIri, prefixes }) {
    const label = byIri.get(iri)?.label;
    if (label) return label;
    const [prefix, namespace] = Object.entries(prefixes)
      .filter(([, start]) => iri.startsWith(start))
      .sort(([, one], [, other]) => other.length - one.length)[0] ?? [];
    return namespace ? `${prefix}:${iri.slice(namespace.length)}` : iri.replace(/[/#]$/, "").split(/[/#]/).pop();
  }
}
