"""The page: a record as one HTML file for people, which loads nothing and works without scripts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from accel.verify.chart import chart, key, short
from accel.verify.progress import span

__all__ = ["render", "verdict"]

Record = dict[str, Any]

PARTS = ("conformance", "accuracy", "ledger")

SHORT = {
    "float16": "f16",
    "bfloat16": "bf16",
    "float32": "f32",
    "float64": "f64",
    "complex64": "c64",
    "complex128": "c128",
}
"""What the columns of the maps are called."""

SHADES = (1 / 8, 1 / 4, 1 / 2, 3 / 4)
"""Shares of the promise at which the next shade begins."""

CHARTS = 12
"""How many functions are drawn."""

SIGNS = {
    "passed": "✓",
    "failed": "✗",
    "known": "≈",
    "unsupported": "○",
    "not run": "–",
}


def render(record: Record) -> str:
    """Write the page.

    Parameters
    ----------
    record : dict
        As the docstring of `accel.verify` has it.

    Returns
    -------
    str
        A whole HTML document.
    """
    folder = Path(__file__).parent
    bad = _failures(record)
    tone, mark = ("bad", "✗") if bad else ("good", "✓") if record["complete"] else ("part", "◐")
    sections = [
        ("failures", "Failures", len(bad), _failure_section(bad, record)),
        ("accuracy", "Accuracy", None, _maps(record)),
        ("curves", "Curves", None, _charts(record)),
        ("results", "Results", None, _cells(record)),
        ("ledger", "Ledger", None, _ledger(record)),
        ("not-run", "Not run", len(record["not_run"]), _not_run(record)),
        ("machine", "Machine", None, _machine(record)),
    ]
    links = "".join(
        f'<li{" class=bad" if name == "failures" and count else ""}><a href="#{name}">{title}'
        + (f' <span class="count">{count}</span>' if count is not None else "")
        + "</a></li>"
        for name, title, count, _ in sections
    )
    body = "".join(f'<section id="{name}">{content}</section>' for name, _, _, content in sections)
    sentence = escape(verdict(record))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{mark} accel verify: {sentence}</title>\n"
        f"<style>\n{(folder / 'page.css').read_text(encoding='utf-8')}</style>\n</head>\n<body>\n"
        f'<header class="{tone}"><div class="inner"><p class="eyebrow">accel verify</p>'
        f'<h1><span class="mark" aria-hidden="true">{mark}</span>{sentence}</h1>'
        f"{_summary(record)}</div></header>\n"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav>\n<main>{body}</main>\n'
        f"<footer>{_footer(record)}</footer>\n"
        f"<script>\n{(folder / 'page.js').read_text(encoding='utf-8')}</script>\n</body>\n</html>\n"
    )


def verdict(record: Record) -> str:
    """Say in one sentence what came of a run."""
    bad, made = _failures(record), sum(len(record[part]) for part in PARTS)
    if not made:
        return "Nothing has run."
    names = [row["id"] for row in record["rows"]]
    where = names[0] if len(names) == 1 else f"all {len(names)} rows"
    emulated = sum(row["emulated"] for row in record["rows"])
    if emulated:
        where += ", which is emulated" if len(names) == 1 else f", {emulated} of them emulated"
    if bad:
        ops = len({entry["op"] for entry in bad})
        found = f"{len(bad)} {'check' if len(bad) == 1 else 'checks'} failed, in {ops} {'op' if ops == 1 else 'ops'}"
    elif record["complete"]:
        found = f"Every promise is kept by {where}"
    else:
        found = f"No promise is broken by {where}"
    if record["complete"]:
        return f"{found}."
    return f"{found}, as far as it went: the run was stopped after {made} of {record['planned']} steps."


def _failures(record: Record) -> list[Record]:
    return [{"kind": part} | e for part in PARTS for e in record[part] if e["status"] == "failed"]


def _number(x: Any) -> float:
    """Read a number of the record, in which infinities and nan are words."""
    return float(x)


def _ulp(x: float) -> str:
    """Write an error in at most five signs."""
    if not math.isfinite(x):
        return short(x)
    if x < 9.995:
        return f"{x:.2f}"
    return f"{x:.1f}" if x < 99.95 else f"{x:.0f}" if x < 999.5 else short(float(f"{x:.1e}"), brief=True)


def _many(n: int, one: str, several: str | None = None) -> str:
    return f"{n:,} {one if n == 1 else several or one + 's'}".replace(",", "\u202f")


def _badge(row: Record) -> str:
    return ' <span class="badge">EMULATED</span>' if row["emulated"] else ""


def _scroll(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "", label: str = "") -> str:
    """Write a table in a container of its own, so that the page itself never scrolls sideways; cells are HTML."""
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    lines = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    titles = f"<thead><tr>{titles}</tr></thead>" if titles else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table class="{kind}">'
        f"{titles}<tbody>{lines}</tbody></table></div>"
    )


def _td(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{text}</td>' if kind else f"<td>{text}</td>"


def _summary(record: Record) -> str:
    calls = sum(e["examples"] for e in record["conformance"])
    measured = [e for e in record["accuracy"] if e["points"]]
    promised = [e for e in measured if e["promise"] is not None]
    worst = max(promised, key=lambda e: _number(e["max_ulp"]) / _number(e["promise"]), default=None)
    points = sum(e["points"] for e in measured)
    told = sum(e["entries"] for e in record["ledger"])
    bad = len(_failures(record))
    tiles = [
        ("calls compared with NumPy", f"{calls:,}".replace(",", "\u202f"), ""),
        (f"errors measured, of {_many(len(measured), 'function')}", f"{points:,}".replace(",", "\u202f"), ""),
        ("ledger entries tried", f"{told:,}".replace(",", "\u202f"), ""),
        ("failed", str(bad), "bad" if bad else ""),
    ]
    if worst is not None:
        what = (
            f"ulp at worst, where {_number(worst['promise']):g} are promised: {worst['op']}, {worst['dtype']}"
        )
        over = _number(worst["max_ulp"]) > _number(worst["promise"])
        tiles.insert(2, (escape(what), _ulp(_number(worst["max_ulp"])), "bad" if over else ""))
    shown = "".join(
        f'<div class="{kind}"><dt>{what}</dt><dd>{value}</dd></div>' for what, value, kind in tiles
    )
    devices = ", ".join(
        f'<span class="hush">{escape(device)}</span>{_badge(row)}'
        for device, row in {row["device"]: row for row in record["rows"]}.items()
    )
    started = record["started"].replace("T", " ").replace("+00:00", " UTC")
    return (
        f'<p class="soft">{devices} · {escape(record["processor"])} · {escape(started)} · '
        f'took {span(record["seconds"])}</p><dl class="tiles">{shown}</dl>'
    )


def _failure_section(bad: list[Record], record: Record) -> str:
    rows = {row["id"]: row for row in record["rows"]}
    if not bad:
        text = "None of what ran was other than promised." if record["complete"] else "None so far."
        return f"<h2>Failures</h2><p>{text}</p>"
    lead = "Each with the smallest call that was found, as a program that shows it here and on NumPy."
    articles = "".join(_articles(bad, rows))
    return f"<h2>{_many(len(bad), 'failure')}</h2><p class=soft>{lead}</p>{articles}"


def _articles(bad: list[Record], rows: dict[str, Record]) -> Iterator[str]:
    for number, entry in enumerate(bad):
        row = rows.get(entry["row"], {"emulated": False})
        what = {
            "conformance": entry.get("part"),
            "accuracy": f"accuracy, {entry.get('dtype')}",
            "ledger": "ledger",
        }
        title = f"<code>accel.{escape(entry['op'])}</code>, {escape(entry['row'])}{_badge(row)}"
        chip = f'<span class="chip">{escape(str(what[entry["kind"]]))}</span>'
        if entry["kind"] == "ledger":
            body = "".join(
                f"<p><b>{escape(f['case'])}</b></p>{_say(f['message'])}{_snippet(f['script'])}"
                for f in entry["failures"]
            )
        else:
            body = f"{_say(entry['message'])}{_snippet(entry['script'])}"
        opened = " open" if number < 6 else ""
        yield (
            f'<article class="failure"><details{opened}><summary><h3>{title}</h3> {chip}</summary>{body}</details></article>'
        )


def _say(message: str) -> str:
    """Write a message; one with several lines has columns."""
    kind = "say mono" if len(message.splitlines()) > 1 else "say"
    return f'<p class="{kind}">{escape(message)}</p>'


def _snippet(script: str | None) -> str:
    if not script:
        return ""
    return f'<div class="snippet"><pre tabindex="0"><code>{escape(script.strip())}</code></pre></div>'


def _shade(entry: Record) -> str:
    if entry["promise"] is None:
        return "hn"
    share = _number(entry["max_ulp"]) / _number(entry["promise"])
    return f"h{sum(share > s for s in SHADES)}" if share <= 1 else "hx"


def _maps(record: Record) -> str:
    intro = (
        "<h2>Accuracy</h2><p>The largest error found, in units in the last place, against the true value worked out with more "
        "digits. The stronger the blue, the more of the op’s promise is used. Numbers in italics have no promise: of complex results the "
        "last digits are left open, and they are measured in eps of the magnitude.</p>"
    )
    if not record["accuracy"]:
        return f"{intro}<p>Nothing was measured.</p>"
    bounds = ("0", *("⅛", "¼", "½", "¾"), "1")
    swatches = "".join(
        f'<li><span class="swatch h{n}">{low}–{high}</span></li>'
        for n, (low, high) in enumerate(pairwise(bounds))
    )
    legend = (
        f'<ul class="legend"><li>share of the promise:</li>{swatches}<li><span class="swatch hx">▲</span> beyond it</li>'
        '<li><span class="swatch hn">1.2</span> no promise</li><li><span class="swatch">·</span> not run</li></ul>'
    )
    found = {(e["row"], e["op"], e["dtype"]): e for e in record["accuracy"]}
    figures = []
    for row in record["rows"]:
        own = [e for e in record["accuracy"] if e["row"] == row["id"]]
        if not own:
            continue
        ops = sorted({e["op"] for e in own})
        dtypes = [d for d in SHORT if any(e["dtype"] == d for e in own)]
        head = "".join(f'<th scope="col"><abbr title="{d}">{SHORT[d]}</abbr></th>' for d in dtypes)
        body = "".join(
            f'<tr><th scope="row" class="op">{escape(op)}</th>'
            + "".join(_map_cell(found.get((row["id"], op, d)), op, d, row) for d in dtypes)
            + "</tr>"
            for op in ops
        )
        worst = max((e for e in own if e["points"] and e["promise"] is not None), key=_share, default=None)
        said = "" if worst is None else f"; closest to its promise: {worst['op']}, {worst['dtype']}"
        figures.append(
            f'<figure class="map"><figcaption><b>{escape(row["row"])}</b> on {escape(row["device"])}{_badge(row)}'
            f'<br><span class="soft small">{escape(_described(row))}{escape(said)}</span></figcaption>'
            f'<div class="scroll" tabindex="0" role="region" aria-label="Errors of {escape(row["id"])}"><table><thead><tr>'
            f'<th scope="col">ulp</th>{head}</tr></thead><tbody>{body}</tbody></table></div></figure>'
        )
    return f'{intro}{legend}<div class="maps">{"".join(figures)}</div>'


def _described(row: Record) -> str:
    version: str = row["versions"].get(row["backend"], "")
    return f"{row['backend']} {version}".strip()


def _share(entry: Record) -> float:
    """Give how much of the promise an error is; without a promise, of 4 ulp."""
    promise = 4.0 if entry["promise"] is None else _number(entry["promise"])
    return _number(entry["max_ulp"]) / promise if promise else math.inf


def _map_cell(entry: Record | None, op: str, dtype: str, row: Record) -> str:
    where = f"{op}, {dtype}, {row['id']}"
    if entry is None or not entry["points"]:
        failed = entry is not None and entry["status"] == "failed"
        reason = entry["message"] if entry is not None else "not run"
        return f'<td class="{"hx" if failed else "h-"}" title="{escape(f"{where}: {reason}")}">{"✗" if failed else "·"}</td>'
    largest = _number(entry["max_ulp"])
    promise = "no promise" if entry["promise"] is None else f"promise {_number(entry['promise']):g}"
    worst = ", ".join(map(str, entry["worst"]))
    told = (
        f"{where}: largest {largest:.4g}, mean {_number(entry['mean_ulp']):.3g} ulp over {entry['points']} points; {promise}; "
        f"worst at {worst}, where it gave {entry['got']} for {entry['truth']}"
    )
    shade = _shade(entry)
    return f'<td class="{shade}" title="{escape(told)}">{"▲" if shade == "hx" else ""}{_ulp(largest)}</td>'


def _charts(record: Record) -> str:
    measured = [e for e in record["accuracy"] if e["points"]]
    intro = (
        "<h2>Where the errors are</h2><p>The functions that use the most of their promise. Across: the arguments in their order, each part of "
        "the measured points with the same room, so that every binade of the domain can be seen. Up: the largest error in ulp.</p>"
    )
    if not measured:
        return f"{intro}<p>Nothing was measured.</p>"
    by_cell: dict[tuple[str, str], list[Record]] = {}
    for entry in measured:
        if entry["promise"] is not None and entry["curve"]:
            by_cell.setdefault((entry["op"], entry["dtype"]), []).append(entry)
    worst = sorted(by_cell.items(), key=lambda item: -max(map(_share, item[1])))[:CHARTS]
    order = {row["id"]: n for n, row in enumerate(r for r in record["rows"])}
    measured_rows = sorted({e["row"] for e in measured}, key=lambda name: order.get(name, 99))
    style = {name: n for n, name in enumerate(measured_rows)}
    emulated = {row["id"] for row in record["rows"] if row["emulated"]}
    return f'{intro}<div class="charts">{"".join(_chart(op, d, es, style, emulated) for (op, d), es in worst)}</div>'


def _chart(op: str, dtype: str, entries: list[Record], style: dict[str, int], emulated: set[str]) -> str:
    entries = sorted(entries, key=lambda e: style[e["row"]])
    top = max(entries, key=_share)
    promise = _number(top["promise"])
    at = ", ".join(short(_number(x)) if _is_number(x) else str(x) for x in top["worst"])
    curves: dict[tuple[tuple[float, float], ...], list[Record]] = {}
    for entry in entries:  # rows that give the same are one line
        curves.setdefault(tuple((_number(x), _number(y)) for x, y in entry["curve"]), []).append(entry)
    lines = [(_together(same, emulated), curve, style[same[0]["row"]]) for curve, same in curves.items()]
    said = f"{_ulp(_number(top['max_ulp']))} ulp at {at}"
    picture = chart(
        lines,
        promise,
        f"Error of {op} in {dtype} over its domain; at worst {said}, the promise is {promise:g}",
    )
    keys = "".join(f"<li>{key(n)}{escape(name)}</li>" for name, _, n in lines)
    return (
        f'<figure class="chart"><figcaption><b class="mono">{escape(op)}</b> {dtype} <span class="soft">· at worst {escape(said)}</span>'
        f'</figcaption>{picture}<ul class="keys">{keys}</ul></figure>'
    )


def _together(entries: list[Record], emulated: set[str]) -> str:
    """Name rows that go together: "jax, jax-jit on jax:cpu:0"."""
    by_device: dict[str, list[str]] = {}
    for entry in entries:
        row, _, device = entry["row"].partition(" on ")
        by_device.setdefault(f"{device}{' [EMULATED]' if entry['row'] in emulated else ''}", []).append(row)
    return "; ".join(f"{', '.join(rows)} on {device}" for device, rows in by_device.items())


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) or x in ("inf", "-inf", "nan")


def _cells(record: Record) -> str:
    signs = " ".join(
        f'<li><span class="{_kind(s)}">{SIGNS[s]}</span> {text}</li>'
        for s, text in (
            ("passed", "as promised, with the number of calls"),
            ("failed", "failed"),
            ("known", "but for known deviations"),
            ("unsupported", "the backend lacks the op"),
            ("not run", "has no such cell"),
        )
    )
    intro = (
        "<h2>Results</h2><p>Each op on each row gives what it gives on NumPy: values, dtype, shape, device; and wrong calls get the "
        f'same error everywhere.</p><ul class="legend">{signs}</ul>'
    )
    table = {(e["row"], e["op"], e["part"]): e for e in record["conformance"]}
    columns = [
        (row, part)
        for row in record["rows"]
        for part in ("results", "errors")
        if any(e["row"] == row["id"] and e["part"] == part for e in record["conformance"])
    ]
    chapters: dict[str, dict[str, None]] = {}
    for e in record["conformance"]:
        chapters.setdefault(e["chapter"], {})[e["op"]] = None
    if not chapters:
        return f"{intro}<p>Nothing was compared.</p>"
    several = len({row["row"] for row in record["rows"]}) < len(record["rows"])
    head = ["op"]
    for row, part in columns:
        where = f"<br>{escape(row['device'])}" if several else ""
        head.append(f"{escape(row['row'])}{_badge(row)}{where}<br>{part}")
    folds = []
    for chapter, ops in chapters.items():
        own = [
            table[row["id"], op, part]
            for row, part in columns
            for op in ops
            if (row["id"], op, part) in table
        ]
        count = Counter(e["status"] for e in own)
        told = ", ".join(f'<span class="{_kind(s)}">{count[s]} {s}</span>' for s in SIGNS if count[s])
        rows = [
            [
                f'<th scope="row" class="op">{escape(op)}</th>',
                *(_cell(table.get((row["id"], op, part))) for row, part in columns),
            ]
            for op in ops
        ]
        title = chapter.replace("_", " ")
        folds.append(
            f'<details class="fold"{" open" if count["failed"] else ""}><summary><b>{escape(title)}</b> '
            f'<span class="soft small">{_many(len(ops), "op")}: {told}</span></summary>'
            f"{_scroll(head, rows, 'cells', title)}</details>"
        )
    return intro + "".join(folds)


def _kind(status: str) -> str:
    return "idle" if status == "not run" else status


def _cell(entry: Record | None) -> str:
    if entry is None:
        return '<td class="idle" title="this row has no such cell">–</td>'
    told = f"{entry['status']}, {_many(entry['examples'], 'call')}"
    if entry["left_out"]:
        told += f", {entry['left_out']} left out"
    if entry["message"]:
        told += f": {entry['message'][:400]}"
    amount = f" {entry['examples']}" if entry["examples"] else ""
    return (
        f'<td class="{_kind(entry["status"])}" title="{escape(told)}">{SIGNS[entry["status"]]}{amount}</td>'
    )


def _ledger(record: Record) -> str:
    intro = (
        "<h2>Ledger</h2><p>What the standard leaves open, accel defines once. Tried here is every case that has one meaning; "
        "below are the cases that deviate, and those that are left open.</p>"
    )
    rows = []
    for row in record["rows"]:
        own = [e for e in record["ledger"] if e["row"] == row["id"]]
        if own:
            bad = sum(len(e["failures"]) for e in own)
            rows.append(
                [
                    f'<th scope="row">{escape(row["id"])}{_badge(row)}</th>',
                    _td(str(sum(e["entries"] for e in own)), "num"),
                    _td(str(bad), "num failed" if bad else "num"),
                ]
            )
    tried = (
        _scroll(("row", "entries", "failed"), rows, "nums", label="Ledger entries")
        if rows
        else "<p>Nothing was tried.</p>"
    )
    known = [
        [
            f'<th scope="row" class="op">{escape(d["op"])}</th>',
            _td(escape(d["row"] or d["backend"])),
            _td(escape(d["case"] or "every case"), "case"),
            _td(
                escape(d["reason"]) + (f' <a href="{escape(d["link"])}">more</a>' if d["link"] else ""),
                "text",
            ),
            _td(escape(d["since"])),
        ]
        for d in record["deviations"]
    ]
    left = [
        [
            f'<th scope="row" class="op">{escape(o["op"])}</th>',
            _td(escape(o["case"]), "case"),
            _td(f"<code>{escape(o['call'])}</code>" if o["call"] else "", "call"),
            _td(escape(o["reason"]), "text"),
            _td(f"<code>{escape(o['checked'])}</code>" if o["checked"] else "", "call"),
        ]
        for o in record["open"]
    ]
    deviating = (
        _fold(
            f"{_many(len(known), 'known deviation')}", ("op", "where", "case", "reason", "since"), known, 10
        )
        if known
        else "<p>No deviation of these backends is known.</p>"
    )
    opened = _fold(
        f"{_many(len(left), 'case')} left open",
        ("op", "case", "call", "reason", "inside accel.checked()"),
        left,
        0,
    )
    return f"{intro}{tried}<h3>Deviations</h3>{deviating}<h3>Left open</h3>{opened}"


def _fold(title: str, head: Iterable[str], rows: list[list[str]], most: int) -> str:
    opened = " open" if len(rows) <= most else ""
    return f'<details class="fold"{opened}><summary><b>{title}</b></summary>{_scroll(head, rows, label=title)}</details>'


def _not_run(record: Record) -> str:
    lines = [
        [f'<th scope="row">{escape(n["what"])}</th>', _td(escape(n["reason"]), "text")]
        for n in record["not_run"]
    ]
    lacking = [
        [
            f'<th scope="row">accel.{escape(e["op"])}, {escape(e["row"])}</th>',
            _td(escape(e["message"]), "text"),
        ]
        for e in record["conformance"]
        if e["status"] == "unsupported" and e["part"] == "results"
    ]
    partly = {
        (e["row"], e["message"])
        for e in record["conformance"]
        if e["status"] == "passed" and e["left_out"] and e["message"]
    }
    lines += lacking
    lines += [
        [f'<th scope="row">{escape(row)}</th>', _td(escape(text), "text")] for row, text in sorted(partly)
    ]
    if not record["complete"]:
        made = sum(len(record[part]) for part in PARTS)
        rest = f"the run was stopped after {made} of {record['planned']} steps"
        lines.insert(0, ['<th scope="row">the rest</th>', _td(rest, "text")])
    if not lines:
        return "<h2>What did not run</h2><p>Everything that was found ran.</p>"
    return f"<h2>What did not run, and why</h2>{_scroll(('what', 'why'), lines, label='What did not run')}"


def _machine(record: Record) -> str:
    devices = [
        [
            f'<th scope="row">{escape(row["row"])}</th>',
            _td(f"{escape(row['device'])}{_badge(row)}", "hush"),
            _td(escape(row["description"]), "text"),
            _td(escape(", ".join(f"{k} {v}" for k, v in row["versions"].items())), "text"),
        ]
        for row in record["rows"]
    ]
    facts = [
        ("processor", record["processor"]),
        ("system", record["python"]["platform"]),
        ("Python", record["python"]["version"]),
        ("accel", f"{record['accel']['version']}, {record['accel']['location']}"),
    ]
    lines = [
        [f'<th scope="row">{escape(what)}</th>', _td(escape(str(value)), "text")] for what, value in facts
    ]
    return (
        f"<h2>Machine</h2>{_scroll(('row', 'device', 'what it is', 'versions'), devices, label='Devices')}"
        f"<h3>Around it</h3>{_scroll((), lines, label='Versions')}"
    )


def _footer(record: Record) -> str:
    asked = record["asked"]
    words = ["python -m accel verify"]
    words += [f"--backend {name}" for name in asked["backends"]]
    words += [f"--device {name}" for name in asked["devices"]]
    words += [f"--ops '{asked['ops']}'"] if asked["ops"] != "*" else []
    words += [f"--examples {asked['examples']}", f"--points {asked['points']}", f"--seed {asked['seed']}"]
    words += ["--emulated"] if asked["emulated"] else []
    return f"To repeat it:{_snippet(' '.join(words))}"
