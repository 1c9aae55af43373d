extension StatisticsPage {
  /// How the page looks: one accent, hairlines, numbers in columns.
  static let style = """
    :root{color-scheme:light dark;--bg:#fff;--ink:#1b2127;--soft:#5d6873;--line:#e2e6ea;--panel:#f5f7f9;--bar:#3a6fb0;--low:#a9c4e4;--mid:#6b98cc}
    @media (prefers-color-scheme:dark){:root{--bg:#12161b;--ink:#e2e7ec;--soft:#98a3ae;--line:#2b333c;--panel:#1a2027;--bar:#7aa9e0;--low:#2f4868;--mid:#4f78a8}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
    main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
    h1{font-size:26px;line-height:1.25;margin:0;font-weight:650;overflow-wrap:anywhere}
    h2{font-size:19px;margin:48px 0 4px;padding-top:20px;border-top:1px solid var(--line);font-weight:650}
    h3,figcaption,caption{font-size:14px;font-weight:600;text-align:left;margin:0;padding:0 0 8px}
    h3{margin-top:24px}
    p{margin:4px 0 12px}
    code{font:13px/1.4 ui-monospace,"SFMono-Regular",Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
    .soft,footer,small{color:var(--soft)}
    footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--line);font-size:13px}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));margin:28px 0 0;border:1px solid var(--line);border-radius:8px;overflow:hidden}
    .tiles div{padding:14px 16px;box-shadow:1px 1px 0 0 var(--line)}
    .tiles dt{color:var(--soft);font-size:13px}
    .tiles dd{margin:0;font-size:24px;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums}
    .tiles small{display:block;font-size:13px;font-weight:400}
    table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
    th,td{padding:5px 0 5px 16px;text-align:right;border-bottom:1px solid var(--line);font-weight:400;vertical-align:baseline;white-space:nowrap}
    th:first-child,td:first-child{text-align:left;padding-left:0}
    thead th{color:var(--soft);font-size:13px}
    tbody th{overflow-wrap:anywhere;white-space:normal}
    .labels tbody th{width:22%;min-width:110px}
    .bar{width:60%;min-width:80px;padding-right:0}
    .bar i{display:block;height:12px;min-width:1px;background:var(--bar);border-radius:2px}
    .scroll,details{overflow-x:auto}
    .dot{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:8px}
    .stack{display:flex;height:20px;border-radius:4px;overflow:hidden;gap:1px;margin-bottom:8px}
    .small{background:var(--low)}.medium{background:var(--mid)}.large{background:var(--bar)}
    .pair{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,3fr);gap:40px;margin-top:28px;align-items:start}
    figure{margin:0}
    .bars{display:block;width:100%;height:200px;fill:var(--bar);border-bottom:1px solid var(--soft)}
    .axis{position:relative;height:20px;margin-top:4px;font-size:12px;color:var(--soft);font-variant-numeric:tabular-nums}
    .axis span{position:absolute;transform:translateX(-50%);white-space:nowrap}
    .axis span[style="left:0%"]{transform:none}.axis span[style="left:100%"]{transform:translateX(-100%)}
    .map{display:block;shape-rendering:crispEdges;width:100%;aspect-ratio:4/3;fill:var(--bar);background:var(--panel);border:1px solid var(--line);border-radius:4px}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:20px;margin-top:12px}
    .cards svg{display:block;width:100%;aspect-ratio:4/3;background:var(--panel);border-radius:6px}
    .cards image{image-orientation:none}
    .cards path{fill-rule:evenodd;fill-opacity:.18;stroke-width:2;vector-effect:non-scaling-stroke}
    .cards .area{stroke:none;fill-opacity:.55;shape-rendering:crispEdges}
    .cards .frame{fill:none;stroke:var(--line);stroke-width:1}
    .cards figcaption{padding:8px 0 0;font-weight:400;font-size:13px;line-height:1.4;overflow-wrap:anywhere}
    .cards span{display:block;color:var(--soft)}.cards b{font-weight:400;margin-right:10px;display:inline-block}.cards .dot{margin-right:5px}
    summary{cursor:pointer;color:var(--soft);padding:8px 0}
    ul{margin:4px 0;padding-left:18px;font-size:14px}li{margin:4px 0;overflow-wrap:anywhere}
    @media (max-width:720px){main{padding:24px 16px 48px}.pair{grid-template-columns:minmax(0,1fr);gap:16px}h2{margin-top:36px}.bar{min-width:60px}}
    @media print{:root{color-scheme:light;--bg:#fff;--ink:#000;--soft:#444;--line:#ccc;--panel:#f4f4f4;--bar:#3a6fb0;--low:#a9c4e4;--mid:#6b98cc}body{font-size:12px}main{max-width:none;padding:0}figure,tr,.pair,.tiles{break-inside:avoid}h2,h3{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """
}
