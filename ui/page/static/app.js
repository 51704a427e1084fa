// The page's frame, and the choice of the screen in it.
import { effect, html, render, useEffect } from "./html.js";
import { paused } from "./api.js";
import { connection, follow, view } from "./live.js";
import { address, route, shownWindow } from "./route.js";
import { Notice, Question } from "./dialog.js";
import { dark, toggleTheme } from "./theme-choice.js";
import { help } from "./keys.js";
import { Actions } from "./actions.js";
import { Status } from "./banner.js";
import { Topologies } from "./screens/topologies.js";
import { Topology } from "./screens/topology.js";
import { Component } from "./screens/component.js";
import { Failures } from "./screens/failures.js";
import { Logs } from "./screens/logs.js";
import { Events } from "./screens/events.js";
import { Windows } from "./windows.js";
import { span } from "./format.js";

const icons = {
  pause: html`<svg viewBox="0 0 16 16"><rect class="solid" x="3.5" y="3" width="3" height="10" rx="1" /><rect class="solid" x="9.5" y="3" width="3" height="10" rx="1" /></svg>`,
  play: html`<svg viewBox="0 0 16 16"><path class="solid" d="M4.5 2.8v10.4a.5.5 0 0 0 .77.42l8-5.2a.5.5 0 0 0 0-.84l-8-5.2a.5.5 0 0 0-.77.42z" /></svg>`,
  sun: html`<svg viewBox="0 0 16 16"><circle cx="8" cy="8" r="3" /><path d="M8 1v1.2M8 13.8V15M1 8h1.2M13.8 8H15M3 3l.9.9M12.1 12.1l.9.9M13 3l-.9.9M3.9 12.1l-.9.9" /></svg>`,
  moon: html`<svg viewBox="0 0 16 16"><path d="M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z" /></svg>`,
  help: html`<svg viewBox="0 0 16 16"><path d="M5.6 5.8a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.8" /><circle class="solid" cx="8" cy="12.6" r="1" /></svg>`,
};

const tabs = [["", "Overview"], ["failures", "Failures"], ["logs", "Logs"], ["events", "Events"]];

function Page() {
  const { path } = route.value;
  const id = path[0] === "t" && path[1] ? path[1] : null;
  const v = view.value;
  const title = [path[2] === "c" ? path[3] : path[2], id, "gust"].filter(Boolean).join(" · ");
  useEffect(() => { document.title = (v && id && v.diagnosis.severity === "trouble" ? "● " : "") + title; });
  return html`
    <header class="top">
      <div class="left">
        <a class="home" href=${address([], { all: 1 })} title="All topologies"><img src="/static/icon.svg" width="22" height="22" alt="" /><b>gust</b></a>
        ${id && html`<span class="crumb"><i>/</i><a href=${address(["t", id])}>${v ? v.name : id}</a>${path[2] === "c" && html`<i>/</i><a href=${address(["t", id, "c", path[3]])}>${path[3]}</a>`}</span>`}
        ${id && v && html`<${Status} view=${v} /><span class="up">${v.ended ? "ran " : "up "}${span(v.uptime_seconds)}</span>`}
        ${id && connection.value === "lost" && html`<span class="status bad"><i></i>no connection</span>`}
      </div>
      ${id && v && html`<${Actions} id=${id} view=${v} />`}
      <div class="icons">
        <button class="icon" title=${paused.value ? "Resume (Space)" : "Pause (Space)"} aria-pressed=${paused.value} onClick=${() => { paused.value = !paused.value; }}>${paused.value ? icons.play : icons.pause}</button>
        <button class="icon" title="Switch theme (t)" onClick=${toggleTheme}>${dark.value ? icons.sun : icons.moon}</button>
        <button class="icon" title="Keys (?)" onClick=${help}>${icons.help}</button>
      </div>
      ${id && html`<nav>${tabs.map(([place, name]) => html`<a key=${name} href=${address(["t", id, place].filter(Boolean))} aria-current=${(path[2] === "c" ? "" : path[2] || "") === place ? "page" : undefined}>${name}</a>`)}
        <span class="end">${paused.value && html`<span class="pausedhint">paused</span>`}${(!path[2] || path[2] === "c") && html`<${Windows} />`}</span></nav>`}
    </header>
    <${Screen} id=${id} path=${path} v=${v} />
    <${Notice} /><${Question} />`;
}

function Screen({ id, path, v }) {
  if (!id) return html`<${Topologies} />`;
  if (!v) return html`<main><p class="empty">${connection.value === "missing" ? `No topology ${id} here.` : connection.value === "lost" ? "gust is not responding. This page resumes when it does." : ""}</p></main>`;
  switch (path[2]) {
  case "c": return html`<${Component} key=${path[3]} id=${id} name=${path[3]} />`;
  case "failures": return html`<${Failures} id=${id} />`;
  case "logs": return html`<${Logs} id=${id} />`;
  case "events": return html`<${Events} id=${id} />`;
  }
  return html`<${Topology} id=${id} />`;
}

effect(() => {
  const { path } = route.value;
  follow(path[0] === "t" && path[1] ? path[1] : null, shownWindow());
});

render(html`<${Page} />`, document.getElementById("app"));
