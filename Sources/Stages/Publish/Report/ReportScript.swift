/// The page's script: filter, walk, decide, keep, save. It reads the page and builds no HTML from text.
enum ReportScript {
    static let javaScript = """
        "use strict";
        (() => {
          const cards = [...document.querySelectorAll(".card")];
          const find = (id) => document.getElementById(id);
          const { line, run } = document.body.dataset;
          const key = "nightshift.decisions." + line + "." + run;
          // A browser may refuse storage to a page from a file share: then decisions live until the page is closed.
          const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { } };
          const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
          const decisions = new Map();
          let current = -1, show = "all", saved = true;

          try {
            for (const d of JSON.parse(kept(key) || "[]"))
              if (d && (d.decision === "good" || d.decision === "defect")) decisions.set(String(d.partId), d);
          } catch { }
          find("by").value = kept("nightshift.by") || "";

          const matches = (card) => {
            const camera = find("camera").value, label = find("label") ? find("label").value : "*";
            const d = card.dataset;
            if (show === "open" ? decisions.has(d.part) : show !== "all" && d.verdict !== show) return false;
            if (camera !== "*" && "=" + d.camera !== camera) return false;
            return label === "*" || d.labels.split("\\u001f").includes(label.slice(1));
          };
          const filter = () => {
            let any = false;
            for (const card of cards) { card.hidden = !matches(card); any = any || !card.hidden; }
            find("nothing").hidden = any || cards.length === 0;
            if (current >= 0 && cards[current].hidden) select(cards.findIndex((card) => !card.hidden), true);
          };
          const paint = () => {
            for (const card of cards) {
              const d = decisions.get(card.dataset.part);
              card.classList.toggle("decided", Boolean(d));
              for (const b of card.querySelectorAll("[data-decide]"))
                b.setAttribute("aria-pressed", String(Boolean(d) && d.decision === b.dataset.decide));
            }
            const done = cards.filter((card) => decisions.has(card.dataset.part)).length;
            find("progress").textContent = cards.length ? done + " of " + cards.length + " decided" + (saved ? "" : " \\u00b7 not saved") : "";
          };
          const select = (index, calm) => {
            if (current >= 0) cards[current].classList.remove("current");
            current = index;
            if (index < 0) return;
            cards[index].classList.add("current");
            if (!calm) { cards[index].focus({ preventScroll: true }); cards[index].scrollIntoView({ block: "nearest", behavior: "auto" }); }
          };
          const step = (by) => {
            let index = current < 0 ? (by > 0 ? -1 : cards.length) : current;
            do index += by; while (index >= 0 && index < cards.length && cards[index].hidden);
            if (index >= 0 && index < cards.length) select(index);
          };
          const decide = (index, decision) => {
            if (index < 0) return;
            const { part, sha256 } = cards[index].dataset;
            if (decision) decisions.set(part, { partId: part, sha256, decision, at: new Date().toISOString(), by: find("by").value.trim() });
            else decisions.delete(part);
            saved = false;
            keep(key, JSON.stringify([...decisions.values()]));
            paint();
          };

          for (const [index, card] of cards.entries()) {
            card.addEventListener("click", (event) => {
              select(index, true);
              const button = event.target.closest("[data-decide]");
              if (button) decide(index, button.getAttribute("aria-pressed") === "true" ? null : button.dataset.decide);
            });
          }
          for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => {
            show = button.dataset.show;
            for (const b of document.querySelectorAll("[data-show]")) b.setAttribute("aria-pressed", String(b === button));
            filter();
          });
          for (const id of ["camera", "label"]) if (find(id)) find(id).addEventListener("change", filter);
          let opacity = 60;
          const heat = (value) => document.documentElement.style.setProperty("--heat", String(value / 100));
          find("opacity").addEventListener("input", (event) => { opacity = Number(event.target.value); heat(opacity); });
          find("by").addEventListener("change", (event) => keep("nightshift.by", event.target.value));
          find("save").addEventListener("click", () => {
            const all = [...decisions.values()].sort((a, b) => a.partId < b.partId ? -1 : 1);
            const url = URL.createObjectURL(new Blob([JSON.stringify(all, null, 2) + "\\n"], { type: "application/json" }));
            const link = document.createElement("a");
            link.href = url;
            link.download = "decisions.json";
            link.click();
            setTimeout(() => URL.revokeObjectURL(url), 10000);
            saved = true;
            paint();
          });
          document.addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "range") return;
            const then = { n: () => step(1), p: () => step(-1), u: () => decide(current, null),
              g: () => { decide(current, "good"); step(1); }, d: () => { decide(current, "defect"); step(1); },
              h: () => heat(document.documentElement.style.getPropertyValue("--heat") === "0" ? opacity || 60 : 0) }[event.key.toLowerCase()];
            if (then) { event.preventDefault(); then(); }
          });
          window.addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });
          filter();
          paint();
          if (cards.length) select(0, true);
        })();
        """
}
