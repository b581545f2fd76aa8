/* What a server cannot do: words and times in the reader's language, keys while nobody types,
   scroll anchors, the height of mail frames. The composer is composer.js. No business rule lives here. */
(() => {
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const html = document.documentElement;

/* ---- words, numbers, moments ---- */
const real = (lang) => (lang === "xx" ? "en" : lang || "en");
const cache = new Map();
const intl = (kind, lang, options) => {
  const key = kind + lang + JSON.stringify(options);
  if (!cache.has(key)) cache.set(key, new Intl[kind](real(lang), options));
  return cache.get(key);
};
const lengthen = (text) => {
  let missing = Math.ceil(text.length * 1.4) - text.length;
  const accents = { a: "á", e: "é", i: "í", o: "ó", u: "ú", A: "Á", E: "É", I: "Í", O: "Ó", U: "Ú", n: "ñ", N: "Ñ", y: "ý", Y: "Ý", c: "ç", C: "Ç" };
  let out = "";
  for (const letter of text) {
    out += accents[letter] ?? letter;
    if (missing > 0 && "aeiouAEIOU".includes(letter)) { out += accents[letter.toLowerCase()]; missing -= 1; }
  }
  return out + "~".repeat(Math.max(missing, 0));
};
globalThis.cassoT = (lang, key, english, values = {}) => {
  if (lang === "xx") return lengthen(fill(lang, english ?? key, values));
  const found = globalThis.cassoWords?.[lang]?.[key];
  if (Array.isArray(found)) return fill(lang, found[intl("PluralRules", lang).select(Number(values.n)) === "one" ? 0 : 1], values);
  return fill(lang, found ?? english ?? key, values);
};
const fill = (lang, text, values) => text.replace(/\{(\w+)\}/g, (gap, name) =>
  !(name in values) ? gap : name === "n" ? intl("NumberFormat", lang).format(values.n) : String(values[name] ?? ""));
const zoned = (lang, zone, options) => {
  try { return intl("DateTimeFormat", lang, zone ? { ...options, timeZone: zone } : options); }
  catch { return intl("DateTimeFormat", lang, options); }
};
const day = (zone, moment) => zoned("en", zone, { dateStyle: "short" }).format(moment);
globalThis.cassoTime = (lang, zone, iso) => {
  if (!iso) return "";
  const moment = new Date(iso), now = new Date();
  if (day(zone, moment) === day(zone, now)) return zoned(lang, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
  const near = now - moment < 300 * 86400e3;
  return zoned(lang, zone, near ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { day: "numeric", month: "short", year: "numeric" }).format(moment);
};
globalThis.cassoFull = (lang, zone, iso) => (iso ? zoned(lang, zone, { dateStyle: "full", timeStyle: "short" }).format(new Date(iso)) : "");
globalThis.cassoClock = (lang, zone) => { try { return zone ? zoned(lang, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" }).format(new Date()) : ""; } catch { return ""; } };
globalThis.cassoAge = (lang, zone, iso) => {
  if (!iso) return "";
  const seconds = Math.max(0, (Date.now() - new Date(iso)) / 1000);
  const steps = [[3600, 60, "minute"], [86400, 3600, "hour"], [604800, 86400, "day"]];
  const step = steps.find(([limit]) => seconds < limit);
  if (seconds < 60) return intl("RelativeTimeFormat", lang, { numeric: "auto" }).format(0, "second");
  if (step) return intl("NumberFormat", lang, { style: "unit", unit: step[2], unitDisplay: "narrow" }).format(Math.floor(seconds / step[1]));
  return zoned(lang, zone, seconds < 60 * 86400 ? { day: "numeric", month: "short" } : seconds < 300 * 86400 ? { month: "short" } : { month: "short", year: "numeric" }).format(new Date(iso));
};
globalThis.cassoAgo = (lang, iso) => {
  if (!iso) return "";
  const seconds = Math.max(0, (Date.now() - new Date(iso)) / 1000);
  const [size, unit] = seconds < 3600 ? [60, "minute"] : seconds < 86400 ? [3600, "hour"] : [86400, "day"];
  return intl("RelativeTimeFormat", lang, { style: "short", numeric: "auto" }).format(-Math.floor(seconds / size), unit).replace("min. ago", "min ago").replace("hr. ago", "h ago");
};
globalThis.cassoSize = (lang, size) => {
  const [step, unit] = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]].find(([least]) => size >= least) ?? [1, "B"];
  const amount = size / step;
  return intl("NumberFormat", lang, { maximumFractionDigits: amount < 10 && step > 1 ? 1 : 0 }).format(amount) + " " + unit;
};
const lang = (globalThis.cassoLang = () => (html.lang === "en-x-long" ? "xx" : html.lang || "en"));
const zone = () => html.dataset.zone || "";
setInterval(() => $$("time[data-age]").forEach((time) => {
  const text = globalThis.cassoAge(lang(), zone(), time.dateTime);
  if (time.firstChild && time.firstChild.nodeValue !== text) time.firstChild.nodeValue = text;
}), 20000);

/* ---- theme and language of the account: before the first paint from a cookie of the server,
   then from the attributes that the shell carries. The compiled words are English, and stay so until
   React has taken the page over; whoever reads another language sees the frame without words so long. ---- */
const told = /(?:^|; )casso-look=([a-z]{2})\.(system|light|dark)/.exec(document.cookie) ?? [];
html.dataset.theme = told[2] ?? "system";
if (told[1] && told[1] !== "en") {
  html.lang = told[1] === "xx" ? "en-x-long" : told[1];
  html.dataset.await = "";
  setTimeout(() => { delete html.dataset.await; }, 4000);
}
const applyPerson = () => {
  const me = $("#casso-me");
  if (!me || me.dataset.account === "0") { if ($(".offline")) delete html.dataset.await; return; }
  delete html.dataset.await;
  const { lang: language, theme, zone: place, account } = me.dataset;
  const code = language === "xx" ? "en-x-long" : language;
  if (code && html.lang !== code) html.lang = code;
  if (html.dataset.zone !== place) html.dataset.zone = place;
  if (theme && html.dataset.theme !== theme) html.dataset.theme = theme;
  globalThis.cassoComposer?.belongsTo(account);
};

/* ---- keys: one listener, silent while somebody types ---- */
const typing = (target) => target.closest?.("input:not([type=radio]):not([type=checkbox]),textarea,select,[contenteditable=true]");
let pendingG = 0;
const press = (key) => {
  const all = $$(`[data-key="${CSS.escape(key)}"]`);
  let found = all.find((element) => element.checkVisibility?.() ?? true);
  if (!found) { found = all.find((element) => element.closest(".ctx")); if (found) $(".app").dataset.panel = "context"; }
  if (!found) return false;
  if (found.matches("summary")) { openMenu(found.parentElement); return true; }
  if (found.matches("input:not([type=radio])")) { found.focus(); found.select(); } else found.click();
  if (found.dataset.focus) $(found.dataset.focus)?.focus();
  return true;
};
/* Where the person is going counts, not what has arrived: two quick presses of j are two rows. */
const heading = () => $(".app")?.dataset.pending ?? /^\/tickets\/(\d+)/.exec(location.pathname)?.[1];
const select = (number) => $$("a.row").forEach((row) => {
  row.classList.toggle("sel", row.dataset.ticket === number);
  row.setAttribute("aria-current", String(row.dataset.ticket === number));
});
const step = (by) => {
  const rows = $$(".rows a.row"), here = heading();
  const at = rows.findIndex((row) => row.dataset.ticket === here);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (!next) return;
  next.click();
  next.scrollIntoView({ block: "nearest" });
};
/* A menu opens with its chosen entry in focus; arrows and first letters walk it, and no other key gets past it. */
const entries = (menu) => $$(".panel :is(.item,input:not([type=hidden]))", menu).filter((one) => one.checkVisibility());
const openMenu = (menu) => {
  menu.open = true;
  const all = entries(menu), first = all.find((one) => one.matches(".on")) ?? all[0];
  first?.focus();
  if (first?.matches("input")) first.select();
};
const closeMenu = (menu) => {
  const hadFocus = $(".panel", menu).contains(document.activeElement);
  menu.open = false;
  if (hadFocus) $("summary", menu).focus();
};
const walkMenu = (menu, target, key) => {
  const all = entries(menu), at = all.indexOf(target);
  const place = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[key];
  const letter = (one) => one.textContent.trim().toLowerCase().startsWith(key.toLowerCase());
  const next = place !== undefined ? all.at(place % all.length) : [...all.slice(at + 1), ...all].find(letter);
  next?.focus();
  return Boolean(next);
};
const escape = (target) => {
  const menu = $("details.menu[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); return true; }
  if (typing(target)) { target.blur(); return true; }
  if ($(".app[data-panel]")) { delete $(".app").dataset.panel; return true; }
  return press("Escape");
};
addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const key = event.key;
  if (key === "Escape") { if (!$("dialog[open],:popover-open") && escape(event.target)) event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) { if (walkMenu(menu, event.target, key)) event.preventDefault(); return; }
  if (key === "j" || key === "k") { event.preventDefault(); step(key === "j" ? 1 : -1); return; }
  if (key === "g") { pendingG = Date.now(); return; }
  const chord = Date.now() - pendingG < 1200 ? "g " + key : key;
  pendingG = 0;
  if (key !== "Enter" && key !== " " && key !== "Tab" && press(chord)) event.preventDefault();
});

/* ---- clicks: menus, copy, panels, instant selection ---- */
addEventListener("click", (event) => {
  const target = event.target;
  $$("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target) || (target.closest(".item") && !target.closest(".form"))) setTimeout(() => { closeMenu(menu); });
  });
  const copy = target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(copy.dataset.copy === "location" ? location.href : copy.dataset.copy);
    announce(copy.dataset.copied ?? "");
    const label = $("[data-copied-here]", copy);
    if (label) { label.hidden = false; setTimeout(() => { label.hidden = true; }, 2000); }
  }
  const panel = target.closest("[data-panel-toggle]");
  if (panel) { const app = $(".app"); if (app.dataset.panel) delete app.dataset.panel; else app.dataset.panel = panel.dataset.panelToggle; }
  const row = target.closest("a.row");
  if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    select(row.dataset.ticket);
    if ($(".conv")?.dataset.ticket !== row.dataset.ticket) $(".app").dataset.pending = row.dataset.ticket;
  }
  const as = target.closest("[data-submit-as]");
  if (as) $("[name=then]", as.closest("form")).value = as.dataset.submitAs;
  if (target.closest(".pill")) { $(".rows").scrollTop = 0; hidePill(); }
}, true);
const announce = (text) => { const live = $("#casso-live"); if (live) live.textContent = text; };

/* ---- the list: what is read stays where it is ---- */
let anchor = null, fresh = 0, hovering = false;
addEventListener("pointerover", (event) => { hovering = Boolean(event.target.closest?.(".rows")); });
addEventListener("scroll", (event) => {
  const box = event.target;
  if (!(box instanceof Element)) return;
  if (box.matches(".rows")) { remember(box); if (box.scrollTop < 4) hidePill(); }
  if (box.dataset.keep) kept.set(box.dataset.keep, box.scrollTop);
  if (box.matches(".stream") && Math.abs(box.scrollTop - box.placed) > 2) box.follows = bottom(box) - box.scrollTop < 60 ? "end" : "";
}, true);
/* A ticket opens where its newest message begins, or at the end when that is in sight. */
const bottom = (stream) => stream.scrollHeight - stream.clientHeight;
const follow = (stream) => {
  if (!stream?.follows) return;
  const last = $$(".msg", stream).at(-1);
  const start = last ? last.getBoundingClientRect().top - stream.getBoundingClientRect().top + stream.scrollTop - 14 : Infinity;
  stream.scrollTop = stream.follows === "start" ? Math.min(start, bottom(stream)) : bottom(stream);
  stream.placed = stream.scrollTop;
};
const kept = new Map();
const remember = (box) => {
  const top = box.getBoundingClientRect().top;
  const row = $$("a.row", box).find((one) => one.getBoundingClientRect().bottom > top);
  anchor = row ? { ticket: row.dataset.ticket, offset: row.getBoundingClientRect().top - top, list: box.dataset.keep, first: $("a.row", box).dataset.ticket } : null;
};
const settle = (box) => {
  if (!anchor || anchor.list !== box.dataset.keep) { fresh = 0; hidePill(); return remember(box); }
  const row = $(`a.row[data-ticket="${anchor.ticket}"]`, box);
  if (row && (box.scrollTop > 4 || hovering)) {
    const moved = row.getBoundingClientRect().top - box.getBoundingClientRect().top - anchor.offset;
    if (Math.abs(moved) > 1) box.scrollTop += moved;
    const before = $$("a.row", box).findIndex((one) => one.dataset.ticket === anchor.first);
    if (before > 0) { fresh += before; showPill(); }
  }
  remember(box);
};
const showPill = () => { const pill = $(".pill"); if (!pill) return; pill.textContent = globalThis.cassoT(lang(), "queue.new", `${fresh} new`, { n: fresh }); pill.hidden = false; announce(pill.textContent); };
const hidePill = () => { fresh = 0; const pill = $(".pill"); if (pill) pill.hidden = true; };

/* ---- mail frames grow with their content ---- */
document.addEventListener("load", (event) => {
  const frame = event.target;
  if (!(frame instanceof HTMLIFrameElement) || !frame.matches(".mailframe")) return;
  let inside;
  try { inside = frame.contentDocument; } catch { return; }
  if (!inside?.documentElement) return;
  inside.documentElement.dataset.theme = html.dataset.theme;
  const fit = () => {
    const height = Math.ceil(inside.documentElement.getBoundingClientRect().height) + "px";
    if (frame.style.height === height) return;
    frame.style.height = height;
    follow(frame.closest(".stream"));
  };
  new ResizeObserver(fit).observe(inside.documentElement);
  fit();
}, true);

/* ---- toasts: the countdown of the undo time ---- */
setInterval(() => {
  for (const toast of $$(".toast[data-until]")) {
    const left = Math.ceil((new Date(toast.dataset.until) - Date.now()) / 1000);
    const text = $("[data-countdown]", toast);
    if (text) text.textContent = left > 0 ? globalThis.cassoT(lang(), "toast.sent_countdown", `Sending in ${left} s`, { n: left }) : globalThis.cassoT(lang(), "toast.sent_done", "Sent");
    if (left <= 0) { const undo = $("[data-key=u]", toast); if (undo) undo.hidden = true; }
    if (left <= -2) $("[data-dismiss]", toast)?.click();
  }
  for (const toast of $$(".toast[data-fade]")) {
    const over = Date.now() - new Date(toast.dataset.fade) > 6000;
    if (over && !toast.matches(":hover,:focus-within") && toast.gone !== toast.dataset.fade) { toast.gone = toast.dataset.fade; $("[data-dismiss]", toast)?.click(); }
  }
}, 500);

/* ---- one observer for everything that React draws ---- */
let queued = false, shownTicket = "";
const look = () => {
  queued = false;
  const app = $(".app"), conv = $(".conv"), rows = $(".rows"), stream = $(".stream"), form = $("form.composer");
  if (app?.dataset.pending && conv?.dataset.ticket === app.dataset.pending) delete app.dataset.pending;
  else if (app?.dataset.pending) select(app.dataset.pending);
  if (rows) {
    if (!rows.seen) { rows.seen = true; rows.scrollTop = kept.get(rows.dataset.keep) ?? 0; }
    settle(rows);
  }
  if (stream && conv?.dataset.ticket !== shownTicket && $(".msg", stream)) {
    shownTicket = conv.dataset.ticket;
    stream.follows = "start";
    follow(stream);
  } else follow(stream);
  if (!stream) shownTicket = "";
  if (form) globalThis.cassoComposer?.prepare(form);
  const tab = $(".setnav [aria-current=page]");
  if (tab && tab.seen !== html.lang) { tab.seen = html.lang; tab.scrollIntoView({ block: "nearest", inline: "nearest" }); }
};
const start = () => {
  new MutationObserver(() => { applyPerson(); if (!queued) { queued = true; requestAnimationFrame(look); } })
    .observe(html, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-done", "data-undone", "data-draft", "data-theme", "data-lang", "data-zone", "data-account", "data-ticket", "data-keep"] });
  applyPerson();
  look();
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
