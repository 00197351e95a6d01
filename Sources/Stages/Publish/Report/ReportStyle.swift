/// The page's style sheet: light, dark and print.
enum ReportStyle {
    static let css = """
        :root { --paper: #f7f6f3; --card: #ffffff; --ink: #1c1e21; --soft: #6a6e75; --rule: #e2e0da; --well: #efede8;
          --pass: #8b96a5; --review: #b4720a; --review-soft: #fbefd8; --fail: #d2321f; --fail-soft: #fbe3df; --focus: #2b5fd9;
          --good: #21794a; --shadow: 0 1px 2px rgb(0 0 0 / .05), 0 4px 16px rgb(0 0 0 / .04); }
        @media (prefers-color-scheme: dark) { :root { --paper: #131517; --card: #1b1e21; --ink: #e9e8e5; --soft: #969ba3;
          --rule: #2e3236; --well: #24282c; --pass: #6f7b8a; --review: #e0a040; --review-soft: #3a2d14; --fail: #ff6a55;
          --fail-soft: #43201b; --focus: #7ea5ff; --good: #5cc48c; --shadow: none; } }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body { margin: 0 auto; padding: 32px 28px 64px; max-width: 1180px; background: var(--paper); color: var(--ink);
          font: 15px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
        h1, h2, h3, p, figure, dl, dd, ol { margin: 0; padding: 0; }
        a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px; }
        a:hover { text-decoration-color: currentColor; }
        code, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .88em; }
        kbd { display: inline-block; min-width: 1.6em; padding: 0 .35em; border: 1px solid var(--rule); border-bottom-width: 2px;
          border-radius: 4px; background: var(--card); color: var(--soft); font: 600 .75em/1.5 ui-monospace, "DejaVu Sans Mono", monospace;
          text-align: center; }

        .title { display: flex; align-items: baseline; gap: 14px; flex-wrap: wrap; }
        h1 { font-size: 30px; line-height: 1.15; font-weight: 650; letter-spacing: -.02em; overflow-wrap: anywhere; }
        .title p { color: var(--soft); }
        .tiles { display: flex; flex-wrap: wrap; gap: 6px 40px; margin: 22px 0 20px; }
        .tile b { display: block; font-size: 34px; line-height: 1.1; font-weight: 600; letter-spacing: -.02em; }
        .tile span { color: var(--soft); font-size: 13px; }
        .tile.fail b { color: var(--fail); } .tile.review b { color: var(--review); }
        .tile.zero b { color: var(--soft); opacity: .55; }
        figure { padding: 14px 16px 12px; border: 1px solid var(--rule); border-radius: 10px; background: var(--card); }
        .histogram { display: block; width: 100%; height: auto; overflow: visible; }
        rect.bar.pass { fill: var(--pass); } rect.bar.review { fill: var(--review); } rect.bar.fail { fill: var(--fail); }
        .histogram .good { fill: none; stroke: var(--ink); stroke-opacity: .55; stroke-width: 1.25; }
        .histogram .ground { stroke: var(--rule); }
        line.threshold { stroke-width: 1.25; stroke-dasharray: 3 3; }
        line.fail { stroke: var(--fail); } line.review { stroke: var(--review); }
        text.threshold { font-size: 12px; font-weight: 600; } text.fail { fill: var(--fail); } text.review { fill: var(--review); }
        text.tick { font-size: 11.5px; fill: var(--soft); }
        figcaption { color: var(--soft); font-size: 13px; }
        .key { display: inline-block; width: 10px; height: 10px; margin: 0 7px 0 0; border-radius: 2px; background: var(--pass); }
        .key.line { height: 0; margin-left: 16px; width: 16px; border-top: 1.5px solid var(--ink); vertical-align: middle; border-radius: 0; }
        .alarm { margin: 16px 0 0; padding: 10px 14px; border-left: 3px solid var(--fail); background: var(--fail-soft); }

        .toolbar { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; align-items: center; gap: 10px 14px;
          margin: 22px -28px 0; padding: 12px 28px; background: var(--paper); border-bottom: 1px solid var(--rule); }
        button, select, input[type=text] { font: inherit; font-size: 14px; color: inherit; height: 34px; padding: 0 12px;
          border: 1px solid var(--rule); border-radius: 7px; background: var(--card); }
        button { cursor: pointer; } button:hover { border-color: var(--soft); }
        :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
        .segments { display: inline-flex; } .segments button { border-radius: 0; margin-left: -1px; }
        .segments button:first-child { border-radius: 7px 0 0 7px; margin-left: 0; } .segments button:last-child { border-radius: 0 7px 7px 0; }
        .segments [aria-pressed=true] { background: var(--ink); color: var(--paper); border-color: var(--ink); }
        .slider { display: inline-flex; align-items: center; gap: 8px; color: var(--soft); font-size: 14px; }
        .slider input { width: 110px; accent-color: var(--ink); }
        .space { flex: 1; } #progress { color: var(--soft); font-size: 14px; } #by { width: 120px; }
        button.primary { background: var(--ink); color: var(--paper); border-color: var(--ink); font-weight: 600; }
        .keys { margin: 10px 0 14px; color: var(--soft); font-size: 13px; word-spacing: 1px; } .keys kbd { margin-left: 6px; }

        .card { display: grid; grid-template-columns: minmax(0, 480px) minmax(0, 1fr); margin: 0 0 18px; overflow: hidden;
          border: 1px solid var(--rule); border-radius: 12px; background: var(--card); box-shadow: var(--shadow); scroll-margin-top: 76px; }
        .card.current { outline: 2px solid var(--focus); outline-offset: 1px; }
        .stage { display: grid; place-items: center; background: var(--well); min-height: 240px; padding: 12px; }
        .stage.missing { color: var(--soft); font-size: 14px; }
        .frame { position: relative; width: min(100%, calc(400px * var(--shape))); line-height: 0; }
        .frame > * { position: absolute; inset: 0; width: 100%; height: 100%; }
        .frame .heat { opacity: var(--heat, .6); filter: url(#glow); }
        .frame rect { fill: none; stroke: #fff; stroke-width: 1.5; vector-effect: non-scaling-stroke; paint-order: stroke;
          filter: drop-shadow(0 0 1px #000) drop-shadow(0 0 1px #000); }
        .frame rect.other { stroke-dasharray: 4 3; }
        .facts { display: flex; flex-direction: column; gap: 14px; padding: 20px 24px 18px; min-width: 0; }
        .heading { display: flex; align-items: baseline; gap: 12px; }
        .rank { color: var(--soft); font-size: 13px; } h2 { flex: 1; font-size: 18px; font-weight: 620; line-height: 1.3; overflow-wrap: anywhere; }
        h2 .folder { color: var(--soft); font-weight: 400; }
        .badge { padding: 2px 9px; border-radius: 99px; background: var(--well); color: var(--soft); font-size: 12.5px; font-weight: 600; white-space: nowrap; }
        .badge.fail { background: var(--fail-soft); color: var(--fail); } .badge.review { background: var(--review-soft); color: var(--review); }
        .ruler { position: relative; height: 8px; border-radius: 4px; margin: 8px 0 2px; background: linear-gradient(to right,
          var(--well) var(--at-review), var(--review-soft) var(--at-review), var(--review-soft) var(--at-fail), var(--fail-soft) var(--at-fail)); }
        .ruler i { position: absolute; top: -4px; bottom: -4px; left: var(--at-fail); width: 2px; margin-left: -1px; background: var(--fail); }
        .ruler b { position: absolute; top: -3px; left: var(--at-score); width: 14px; height: 14px; margin-left: -7px; border-radius: 50%;
          background: var(--ink); border: 3px solid var(--card); }
        .facts .numbers { color: var(--soft); font-size: 14px; } .numbers b { color: var(--ink); font-size: 24px; font-weight: 620; letter-spacing: -.01em; }
        .numbers span { display: block; }
        .detail { display: flex; gap: 18px; align-items: flex-start; } .detail > div { flex: 1; min-width: 0; }
        .closeup { width: 148px; height: 148px; object-fit: cover; border-radius: 8px; background: var(--well); }
        .regions { color: var(--soft); font-size: 14px; } ol.regions { list-style: none; }
        .regions li { display: flex; align-items: baseline; gap: 10px; padding: 5px 0; border-bottom: 1px solid var(--rule); }
        .regions li span { flex: 1; } .regions .label { color: var(--ink); font-weight: 600; } .regions em { font-style: normal; color: var(--ink); }
        .decide { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin-top: auto; padding-top: 6px; }
        .decide button { min-width: 108px; font-weight: 600; } .decide kbd { margin-left: 4px; background: none; }
        .decide [aria-pressed=true] { color: #fff; border-color: transparent; background: var(--good); }
        .decide [data-decide=defect][aria-pressed=true] { background: var(--fail); }
        .decide [aria-pressed=true] kbd { color: inherit; border-color: currentColor; }
        .links { margin-left: auto; display: inline-flex; gap: 14px; font-size: 13.5px; color: var(--soft); }
        .card.decided .stage { opacity: .75; }

        section { margin: 36px 0 0; } h3, summary { font-size: 18px; font-weight: 620; } summary { cursor: pointer; }
        .quiet { color: var(--soft); margin: 4px 0 12px; } .wide { overflow-x: auto; margin-top: 10px; }
        table { width: 100%; border-collapse: collapse; font-size: 14px; }
        th { text-align: left; font-weight: 600; color: var(--soft); } th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
        td { overflow-wrap: anywhere; min-width: 88px; } .number { text-align: right; } td.mono { white-space: nowrap; }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 8px 24px; }
        .reliability, .methods { display: block; width: 100%; height: auto; overflow: visible; } .reliability { max-width: 560px; }
        line.grid { stroke: var(--rule); } text.axis { font-size: 12px; fill: var(--soft); }
        .band { fill: var(--focus); } .band.outer { fill-opacity: .09; } .band.inner { fill-opacity: .13; }
        line.ideal { stroke: var(--focus); stroke-width: 1.25; stroke-dasharray: 4 4; }
        path.seen { fill: none; stroke: var(--ink); stroke-width: 1.75; stroke-linejoin: round; } circle.seen { fill: var(--fail); stroke: var(--card); stroke-width: 1.5; }
        text.method { font-size: 13px; fill: var(--ink); } text.method.product { font-weight: 650; }
        line.between { stroke: var(--pass); stroke-opacity: .45; stroke-width: 2; } line.between.product { stroke: var(--focus); }
        path.curve { fill: none; stroke: var(--pass); stroke-width: 1.75; stroke-opacity: .7; } path.curve.product { stroke: var(--focus); stroke-width: 2.5; stroke-opacity: 1; }
        line.leader { stroke: var(--rule); stroke-width: 1; }
        circle.image { fill: var(--pass); } circle.pixel { fill: var(--card); stroke: var(--pass); stroke-width: 2; }
        circle.image.product { fill: var(--focus); } circle.pixel.product { stroke: var(--focus); }
        .key.dot { border-radius: 50%; } .key.ring { margin-left: 16px; border-radius: 50%; background: none; border: 2px solid var(--pass); }
        .key.stroke, .key.dashes { height: 0; width: 16px; border-top: 2px solid var(--ink); vertical-align: middle; border-radius: 0; background: none; }
        .key.dashes { border-top: 2px dashed var(--focus); } .key.dashes, .key.inner, .key.outer { margin-left: 16px; }
        .key.inner { background: var(--focus); opacity: .24; } .key.outer { background: var(--focus); opacity: .1; }
        .finding { margin: 16px 0 0; max-width: 68ch; font-size: 17px; } .figures { font-size: 13.5px; }
        .figures td, .figures th { min-width: 0; white-space: nowrap; vertical-align: bottom; } .figures th { white-space: normal; }
        td.best { position: relative; font-weight: 700; } td.best::after { content: "★"; position: absolute; right: 3px; font-size: .7em; color: var(--review); }

        footer { margin-top: 44px; padding-top: 16px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 13px; }
        footer dl { display: flex; flex-wrap: wrap; gap: 8px 32px; } dt { display: inline; } dt::after { content: ": "; } dd { display: inline; color: var(--ink); overflow-wrap: anywhere; }

        @media (max-width: 820px) { .card { grid-template-columns: 1fr; } body { padding: 20px 16px; } .toolbar { margin: 16px -16px 0; padding: 10px 16px; } }
        @media print { :root { --paper: #fff; --well: #f3f3f3; --shadow: none; } body { max-width: none; padding: 0; font-size: 11px;
          -webkit-print-color-adjust: exact; print-color-adjust: exact; } .toolbar, .keys, details:not([open]) { display: none; }
          .card.current { outline: none; } figure { margin-bottom: 16px; }
          .card, tr, figure { break-inside: avoid; } .card { grid-template-columns: 300px 1fr; } .decide button[aria-pressed=false], kbd { display: none; } }
        """
}
