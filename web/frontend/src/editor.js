// The editor of queries: CodeMirror in a shadow root, which its styles need under our Content-Security-Policy.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";

const setWrong = StateEffect.define();

/** The place that the server could not read: its line and, in it, what begins at the column. Gone with the next change. */
const wrong = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(setWrong)) return effect.value;
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => [
    EditorView.decorations.from(field),
    EditorView.contentAttributes.compute([field], (state) => (state.field(field).size ? { "aria-invalid": "true" } : {})),
  ],
});

const theme = EditorView.theme({
  "&": { background: "var(--card)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "var(--radius)", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", maxHeight: "70vh", borderRadius: "inherit" },
  ".cm-content": { padding: "0.6rem 0", minHeight: "12em", caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { background: "transparent", color: "var(--soft)", border: "0" },
  ".cm-activeLine": { background: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-activeLineGutter": { background: "transparent", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-line.wrong": { background: "var(--wrong-soft)" },
  ".wrong-here": { textDecoration: "underline wavy var(--wrong)", textUnderlineOffset: "0.25em" },
  ".cm-tooltip": { background: "var(--card)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "var(--radius)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--sans)", maxHeight: "18rem", maxWidth: "min(34rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.3rem 0.7rem", lineHeight: "1.4" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { fontFamily: "var(--mono)", fontStyle: "normal", fontSize: "0.85em", color: "var(--soft)", marginLeft: "0.75em" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionInfo": { padding: "0.4rem 0.7rem", maxWidth: "18rem" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.string, tags.annotation, tags.integer, tags.float, tags.bool], color: "var(--gap)" },
  { tag: [tags.namespace, tags.url, tags.typeName], color: "var(--outside)" },
  { tag: tags.variableName, color: "var(--ink)" },
]);

/**
 * Put an editor in the place of a text field. Gives { text, focus(), markWrong(line, column), clear() }.
 *
 * `source` suggests, `run` is called at Ctrl-Enter, `label` and `hint` are read to those who do not see it.
 */
export function makeEditor(field, { source, run, label, hint }) {
  const host = document.createElement("div");
  host.className = "editor";
  field.before(host);
  field.hidden = true;
  field.required = false; // a field that is not shown cannot be asked for
  const root = host.attachShadow({ mode: "open" });
  const described = document.createElement("p");
  described.id = "hint";
  described.hidden = true;
  described.textContent = hint;
  root.append(described);

  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: field.value,
      extensions: [
        wrong,
        history(),
        lineNumbers(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        EditorView.lineWrapping,
        sparql(),
        syntaxHighlighting(colours),
        autocompletion({ override: [source], icons: false, activateOnTypingDelay: 60 }),
        // Tab is not bound: it leads on, as everywhere on a page.
        keymap.of([
          { key: "Mod-Enter", run: () => (run(), true) },
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
        ]),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "hint", spellcheck: "false", autocapitalize: "off", translate: "no" }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) field.value = state.doc.toString();
        }),
        theme,
      ],
    }),
  });

  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    focus: () => view.focus(),
    clear: () => view.dispatch({ effects: setWrong.of(Decoration.none) }),
    markWrong(number, column) {
      const { doc } = view.state;
      const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
      // The server counts code points, the editor UTF-16 units.
      const start = line.from + [...line.text].slice(0, column - 1).join("").length;
      const length = Math.max(/^\S*/.exec(doc.sliceString(start, line.to))[0].length, 1);
      const marks = [Decoration.line({ class: "wrong" }).range(line.from)];
      if (start < line.to) marks.push(Decoration.mark({ class: "wrong-here" }).range(start, Math.min(start + length, line.to)));
      view.dispatch({ effects: [setWrong.of(Decoration.set(marks)), EditorView.scrollIntoView(start, { y: "center" })] });
    },
  };
}
