"use strict";
// Search and filters over what the page already holds; without scripts the page is whole, only unfiltered.
(() => {
  const byId = (id) => document.getElementById(id);
  const order = ["unknown", "negligible", "low", "medium", "high", "critical"];
  const changes = [...document.querySelectorAll("details.change")].map((node) => ({
    node, text: node.textContent.toLowerCase(), severity: order.indexOf(node.dataset.severity), kind: node.dataset.kind,
    origin: node.dataset.origin, findings: Number(node.dataset.findings), later: node.dataset.later === "yes",
  }));
  const rows = [...document.querySelectorAll("#packages tbody tr")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
  const rest = byId("later");
  const apply = () => {
    const words = byId("search").value.toLowerCase().split(" ").filter(Boolean);
    const least = Number(byId("severity").value), kind = byId("kind").value, origin = byId("origin").value;
    let shown = 0, findings = 0, later = 0;
    for (const change of changes) {
      // Unknown severity may be any: it goes with every choice.
      const fits = (change.severity >= least || change.severity === 0) && (!kind || change.kind === kind) && (!origin || change.origin === origin || change.origin === "unknown") &&
        words.every((word) => change.text.includes(word));
      change.node.hidden = !fits;
      if (fits && change.later) later += 1;
      if (fits && !change.later) { shown += 1; findings += change.findings; }
    }
    for (const row of rows) row.node.hidden = !words.every((word) => row.text.includes(word));
    const asked = words.length > 0 || least > 0 || kind || origin;
    byId("count").textContent = asked ? `${shown} changes with ${findings} findings match; ${later} groups for which there is no change` : "";
    if (rest && words.length > 0 && shown === 0 && later > 0) rest.open = true;
  };
  for (const id of ["search", "severity", "kind", "origin"]) byId(id).addEventListener("input", apply);
  byId("expand").addEventListener("click", () => {
    const visible = changes.filter((change) => !change.node.hidden && !change.later);
    const open = visible.some((change) => !change.node.open);
    for (const change of visible) change.node.open = open;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName)) { event.preventDefault(); byId("search").focus(); }
  });
  byId("tools").hidden = false;
  // page.html#q=log4j opens with that search.
  if (location.hash.startsWith("#q=")) {
    try { byId("search").value = decodeURIComponent(location.hash.slice(3)); } catch { byId("search").value = location.hash.slice(3); }
    apply();
  }
})();
