// Draws the graph around a thing: at once on the page of it, and in a <details> of another page when that is opened.

import { fetchPage } from "./fetching.js";

const section = document.querySelector("#neighbourhood");
if (section) show(section);

for (const details of document.querySelectorAll("details[data-neighbourhood]")) {
  details.addEventListener("toggle", () => open(details));
}

/** Put the list and the drawing into an opened <details>; if that fails, its link to the page stays. */
async function open(details) {
  if (!details.open || details.dataset.state) return;
  details.dataset.state = "loading";
  details.setAttribute("aria-busy", "true");
  try {
    const { page } = await fetchPage({ address: details.dataset.neighbourhood });
    const found = document.importNode(page.querySelector("#neighbourhood"), true);
    details.querySelector("p").replaceWith(found);
    await show(found);
    details.dataset.state = "shown";
  } catch {
    delete details.dataset.state; // to be tried again when it is opened again
  } finally {
    details.removeAttribute("aria-busy");
  }
}

/** Draw beside the list. A link that has the focus or the pointer has its thing highlighted. */
async function show(part) {
  const [{ draw }, response] = await Promise.all([import(part.dataset.script), fetch(part.dataset.source)]);
  if (!response.ok) return;
  const graph = await response.json();
  const figure = part.querySelector(".drawing");
  figure.hidden = false;
  const drawn = draw(figure.querySelector(".canvas"), graph, {
    palette: (style) => part.querySelector(`.style-${style}`),
    open: (href) => location.assign(href),
  });
  const actions = { in: () => drawn.zoom(1.3), out: () => drawn.zoom(1 / 1.3), fit: drawn.fit };
  for (const button of figure.querySelectorAll("button[data-zoom]")) {
    button.addEventListener("click", actions[button.dataset.zoom]);
  }
  for (const link of part.querySelectorAll("a[data-iri]")) {
    for (const kind of ["focus", "mouseenter"]) link.addEventListener(kind, () => drawn.highlight(link.dataset.iri));
    for (const kind of ["blur", "mouseleave"]) link.addEventListener(kind, () => drawn.highlight(null));
  }
}
