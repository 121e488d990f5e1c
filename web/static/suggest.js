// Suggestions while a search is typed: a combobox with a list, as the WAI-ARIA Authoring Practices describe it.
// Without this script the form works as it stands. Nothing here writes HTML: Trusted Types allow none.
"use strict";

(() => {
  const WAIT = 120; // milliseconds after the last key

  for (const form of document.querySelectorAll("form[data-suggest]")) combobox(form);

  function combobox(form) {
    const field = form.querySelector("input[type=search]");
    const list = make("ul", { role: "listbox", id: `${field.id}-list`, "aria-label": form.dataset.label });
    const status = make("p", { role: "status", class: "unseen" });
    list.hidden = true;
    form.append(list, status);
    set(field, {
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list.id,
    });

    let hits = [];
    let active = -1;
    let timer = 0;
    let asked = new AbortController();

    field.addEventListener("input", () => {
      clearTimeout(timer);
      asked.abort();
      if (field.value.trim()) timer = setTimeout(ask, WAIT);
      else close();
    });

    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      const isOpen = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen) ask();
        else choose(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Escape" && isOpen) {
        event.preventDefault(); // the text stays; a second Escape clears it
        close();
      } else if (event.key === "Enter" && isOpen && active >= 0) {
        event.preventDefault();
        location.assign(hits[active].href);
      } else if (event.key === "Tab") {
        close();
      }
    });

    form.addEventListener("submit", close);
    field.addEventListener("blur", close);
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) location.assign(hits[Number(option.dataset.number)].href);
    });

    async function ask() {
      asked.abort();
      asked = new AbortController();
      const address = new URL(form.dataset.suggest, location.href);
      address.searchParams.set("q", field.value.trim());
      try {
        const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/json" } });
        if (answer.ok) show((await answer.json()).hits);
      } catch (error) {
        if (error.name !== "AbortError") close(); // no suggestions; the form still searches
      }
    }

    function show(found) {
      if (document.activeElement !== field) return;
      hits = found;
      active = -1;
      field.removeAttribute("aria-activedescendant");
      list.replaceChildren(...hits.map(option));
      list.hidden = hits.length === 0;
      field.setAttribute("aria-expanded", String(!list.hidden));
      status.textContent = form.dataset.counted.replace("{count}", hits.length);
    }

    function option(hit, number) {
      const made = make("li", { role: "option", id: `${list.id}-${number}`, "aria-selected": "false" });
      made.dataset.number = number;
      const name = make("span", hit.lang ? { lang: hit.lang } : {});
      name.textContent = hit.label;
      const kind = make("small", {});
      kind.textContent = hit.text && hit.text !== hit.label ? `${hit.kind} · ${hit.text}` : hit.kind;
      made.append(name, kind);
      return made;
    }

    function choose(number) {
      const options = list.children;
      if (active >= 0) options[active].setAttribute("aria-selected", "false");
      active = number < -1 ? options.length - 1 : number >= options.length ? -1 : number;
      if (active < 0) return field.removeAttribute("aria-activedescendant");
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", options[active].id);
    }

    function close() {
      clearTimeout(timer);
      asked.abort();
      active = -1;
      list.hidden = true;
      status.textContent = "";
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }
  }

  function make(name, attributes) {
    return set(document.createElement(name), attributes);
  }

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }
})();
