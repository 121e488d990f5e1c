// Draws a graph with Cytoscape in an element: { middle, nodes: [{ iri, label, href, style }], edges: [{ from, label, to }] }.
// Colours are those of the elements with class style-0, style-1 … that `palette` gives; they follow the scheme of the page.

import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";

cytoscape.use(fcose);

const SHAPES = ["ellipse", "round-rectangle", "diamond", "hexagon", "triangle", "pentagon", "octagon", "rectangle"];
const STYLESHEET = "__________cytoscape_stylesheet"; // where this is, Cytoscape adds no <style>, which the CSP refuses
const LABELLED_EDGES = 12;

/** Draw; gives { highlight(iri or null), zoom(factor), fit() }. `palette` gives the element that shows a style's colour. */
export function draw(container, graph, { palette, open }) {
  if (!document.getElementById(STYLESHEET)) {
    const mark = document.createElement("meta");
    mark.id = STYLESHEET;
    document.head.append(mark);
  }
  const cy = cytoscape({
    container,
    elements: [
      ...graph.nodes.map(({ iri, label, href, style }) => ({
        data: { id: iri, label, href, shape: SHAPES[style % SHAPES.length], number: style, isMiddle: iri === graph.middle },
      })),
      ...merged(graph.edges).map(({ from, label, to }) => ({ data: { source: from, target: to, label } })),
    ],
    layout: { name: "preset" },
    boxSelectionEnabled: false,
    autounselectify: true,
    userZoomingEnabled: false, // the wheel scrolls the page; buttons zoom
    minZoom: 0.1,
    maxZoom: 3,
  });
  const paint = () => cy.style(looks(container, graph, palette));
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  arrange(cy, graph);
  cy.on("tap", "node", ({ target }) => open(target.data("href")));
  cy.on("mouseover", "node", ({ target }) => {
    container.style.cursor = "pointer";
    highlight(target.id());
  });
  cy.on("mouseout", "node", () => {
    container.style.cursor = "";
    highlight(null);
  });
  new ResizeObserver(() => {
    cy.resize();
    cy.fit(undefined, 24);
  }).observe(container);

  function highlight(iri) {
    cy.batch(() => {
      cy.elements().removeClass("near far");
      if (iri === null) return;
      const near = cy.getElementById(iri).closedNeighborhood();
      near.addClass("near");
      cy.elements().difference(near).addClass("far");
    });
  }

  return {
    highlight,
    zoom: (factor) => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }),
    fit: () => cy.fit(undefined, 24),
  };
}

/** Edges between the same two things in the same direction as one, with all their labels. */
function merged(edges) {
  const found = new Map();
  for (const { from, label, to } of edges) {
    const key = JSON.stringify([from, to]);
    const known = found.get(key);
    if (known) known.label += `, ${label}`;
    else found.set(key, { from, label, to });
  }
  return [...found.values()];
}

/** Put the things in their places: those of a star around its middle, the others by what pulls at them. */
function arrange(cy, graph) {
  const isStar = graph.middle && graph.edges.every(({ from, to }) => from === graph.middle || to === graph.middle);
  const isSmallStar = isStar && graph.nodes.length <= 24;
  cy.layout(
    isSmallStar
      ? { name: "concentric", animate: false, fit: true, padding: 24, minNodeSpacing: 70, concentric: (node) => (node.data("isMiddle") ? 2 : 1), levelWidth: () => 1 }
      : { name: "fcose", animate: false, randomize: true, quality: "proof", fit: true, padding: 24, nodeDimensionsIncludeLabels: true, idealEdgeLength: 70, nodeRepulsion: 4000, gravity: 0.6, gravityRange: 2, nodeSeparation: 60, tilingPaddingVertical: 16, tilingPaddingHorizontal: 16 },
  ).run();
  if (!isSmallStar) widen(cy);
}

/** Use the whole of the window: what is pulled apart covers less of the names. */
function widen(cy) {
  const { w, h } = cy.nodes().boundingBox();
  const factor = cy.width() / cy.height() / (w / h);
  const [x, y] = [Math.min(Math.max(factor, 1), 2), Math.min(Math.max(1 / factor, 1), 2)];
  cy.nodes().positions((node) => ({ x: node.position("x") * x, y: node.position("y") * y }));
  cy.fit(undefined, 24);
}

/** The look of everything, in the colours of the page at this moment. */
function looks(container, graph, palette) {
  const page = getComputedStyle(container);
  const token = (name) => page.getPropertyValue(name).trim();
  const styles = [...new Set(graph.nodes.map(({ style }) => style))];
  return [
    {
      selector: "node",
      style: {
        shape: "data(shape)",
        width: 20,
        height: 20,
        label: "data(label)",
        color: token("--ink"),
        "font-family": page.fontFamily,
        "font-size": 13,
        "text-wrap": "wrap",
        "text-max-width": 130,
        "text-valign": "bottom",
        "text-margin-y": 5,
        "text-background-color": token("--card"),
        "text-background-opacity": 0.85,
        "text-background-padding": 2,
        "text-events": "yes",
      },
    },
    ...styles.map((style) => ({
      selector: `node[number = ${Number(style)}]`,
      style: { "background-color": getComputedStyle(palette(style) ?? container).color },
    })),
    { selector: "node[?isMiddle]", style: { width: 34, height: 34, "font-size": 15, "font-weight": 600, "border-width": 3, "border-color": token("--ink") } },
    {
      selector: "edge",
      style: {
        width: 1.5,
        "line-color": token("--edge"),
        "target-arrow-color": token("--edge"),
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.9,
        "curve-style": "bezier",
        label: graph.edges.length <= LABELLED_EDGES ? "data(label)" : "",
        color: token("--soft"),
        "font-family": page.fontFamily,
        "font-size": 11,
        "text-rotation": "autorotate",
        "text-background-color": token("--card"),
        "text-background-opacity": 0.9,
        "text-background-padding": 2,
      },
    },
    { selector: "edge.near", style: { width: 2.5, "line-color": token("--accent"), "target-arrow-color": token("--accent"), label: "data(label)", color: token("--ink"), "z-index": 10 } },
    { selector: ".far", style: { opacity: 0.25 } },
  ];
}
