/* What is being written: drafts, files with their progress, one intent for each act, Send that waits.
   The text stays in its field until the server has it. Comes after casso.js. No business rule lives here. */
(() => {
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const lang = () => globalThis.cassoLang();

/* ---- drafts: in this tab's own storage, for this account only; gone with Send and with signing out ---- */
let owner = "";
const DRAFTS = "casso-draft-";
const draftKey = (ticket) => `${DRAFTS}${owner}-${ticket}`;
const readDraft = (ticket) => { try { return JSON.parse(sessionStorage.getItem(draftKey(ticket))) ?? {}; } catch { return {}; } };
const writeDraft = (ticket, draft) => {
  try {
    if (draft.text?.trim()) sessionStorage.setItem(draftKey(ticket), JSON.stringify(draft));
    else sessionStorage.removeItem(draftKey(ticket));
  } catch { /* storage is switched off or full: the field still holds the text */ }
};
const belongsTo = (account) => {
  if (account === "0" || account === owner) return;
  owner = account;
  forgetDrafts((key) => key.startsWith(draftKey("")));
};
const forgetDrafts = (keep = () => false) => {
  try { for (const key of Object.keys(sessionStorage)) if (key.startsWith(DRAFTS) && !keep(key)) sessionStorage.removeItem(key); }
  catch { /* storage is switched off */ }
};
addEventListener("submit", (event) => { if (event.target.action?.endsWith("/sign-out")) forgetDrafts(); }, true);

/* ---- the form ---- */
const sent = new Map();
const setThen = (form, then) => { $("[name=then]", form).value = then; };
const setHint = (form, text) => { const hint = $(".hint", form); if (!hint) return; hint.textContent = text; hint.classList.toggle("bad", Boolean(text)); };
const setKind = (form, kind) => {
  const tab = $(`[name=kind][value=${kind}]`, form), area = $("textarea", form);
  if (tab) tab.checked = true;
  area.placeholder = area.dataset[kind];
};
const keep = (form) => {
  if (!form.held) return;
  const [text, kind, cc, intent] = [$("textarea", form), $("[name=kind]:checked", form), $("[name=cc]", form), $("[name=intent]", form)].map((field) => field.value);
  writeDraft(form.held, { text, kind, intent, cc: cc === $("[name=cc]", form).defaultValue ? undefined : cc });
};
const prepare = (form) => {
  const area = $("textarea", form), intent = $("[name=intent]", form);
  if (!intent.value) intent.value = crypto.randomUUID();
  const ticket = form.dataset.draft;
  if (owner && ticket && ticket !== "0" && ticket !== form.held) turnTo(form, ticket);
  const done = form.dataset.done;
  if (done && done !== form.seenDone) {
    form.seenDone = done;
    const ticket = sent.get(done)?.ticket;
    if (done === intent.value) { empty(form); intent.value = crypto.randomUUID(); }
    else if (ticket && readDraft(ticket).intent === done) { writeDraft(ticket, {}); form.chips?.delete(ticket); }
  }
  const undone = form.dataset.undone;
  if (undone && undone !== form.seenUndone) {
    form.seenUndone = undone;
    if (sent.has(undone) && !area.value && sent.get(undone).ticket === form.held) { area.value = sent.get(undone).text; setKind(form, "reply"); keep(form); area.focus(); }
  }
  if (form.dataset.sending && $(".toast.bad")) delete form.dataset.sending;
};
/* Another ticket, another draft: its text, its kind, its files. What was typed before the first one came is kept. */
const turnTo = (form, ticket) => {
  const area = $("textarea", form), box = $(".uploads", form), before = form.held, typed = area.value;
  form.chips ??= new Map();
  const wasWaiting = Boolean(form.dataset.waiting);
  delete form.dataset.waiting; delete form.dataset.sending;
  if (before) { form.chips.set(before, [...box.children]); }
  form.held = ticket;
  form.seenDone = "";
  const draft = readDraft(ticket);
  if (before || !typed) {
    area.value = draft.text ?? "";
    setKind(form, draft.kind ?? "reply");
    $("[name=intent]", form).value = draft.intent ?? crypto.randomUUID();
    if (draft.cc !== undefined) { const cc = $("[name=cc]", form); cc.value = draft.cc; cc.closest("details").open = true; }
  } else keep(form);
  if (before) { box.replaceChildren(...(form.chips.get(ticket) ?? [])); carryUploads(form); setThen(form, ""); }
  setHint(form, wasWaiting ? globalThis.cassoT(lang(), "composer.held", form.dataset.heldBack.replace("{number}", before), { number: before }) : "");
};
const empty = (form) => {
  delete form.dataset.sending;
  $("textarea", form).value = "";
  writeDraft(form.held, {});
  $(".uploads", form).replaceChildren();
  carryUploads(form);
  setThen(form, "");
  setHint(form, "");
};
addEventListener("input", (event) => {
  const form = event.target.closest?.("form.composer");
  if (form && event.target.matches("textarea,[name=cc]")) { if (!form.dataset.waiting) setHint(form, ""); keep(form); }
});
/* The same form sent twice within two seconds is one act; what changed or comes later is another. */
const renewIntent = (form, intent) => {
  intent.value ||= crypto.randomUUID();
  const said = JSON.stringify([...new FormData(form)].filter(([name]) => name !== "intent"));
  if (form.said !== undefined && (form.said !== said || Date.now() - form.saidAt > 2000)) intent.value = crypto.randomUUID();
  form.said = said; form.saidAt = Date.now();
};
addEventListener("submit", (event) => {
  const form = event.target, intent = $("[name=intent]", form);
  if (!form.matches(".composer")) { if (intent) renewIntent(form, intent); return; }
  intent.value ||= crypto.randomUUID();
  const area = $("textarea", form), isBusy = Boolean($(".upload[data-busy]", form)), isEmpty = !area.value.trim() && !$(".upload", form);
  if (isEmpty || isBusy) { event.preventDefault(); event.stopImmediatePropagation(); }
  if (isEmpty) { setHint(form, form.dataset.empty); area.focus(); return; }
  if (isBusy) { form.dataset.waiting = "1"; setHint(form, form.dataset.wait); $(".hint", form).classList.remove("bad"); return; }
  delete form.dataset.waiting;
  form.dataset.sending = "1";
  setTimeout(() => { delete form.dataset.sending; }, 5000);
  sent.set(intent.value, { text: area.value, ticket: form.held });
  keep(form);
}, true);
/* A Send that waited for files goes by itself once they are there; a failed file stops it. */
const release = (form) => {
  if (!form?.dataset.waiting || $(".upload[data-busy]", form)) return;
  delete form.dataset.waiting;
  if (!$(".upload.bad", form)) { setHint(form, ""); form.requestSubmit(); }
};
addEventListener("submit", (event) => { const menu = event.target.closest(".panel")?.closest("details"); if (menu) setTimeout(() => { menu.open = false; }); });
addEventListener("change", (event) => {
  if (event.target.name === "kind") { setKind(event.target.form, event.target.value); keep(event.target.form); }
});

/* ---- uploads with progress ---- */
const carryUploads = (form) => { if (form) $("[name=uploads]", form).value = $$(".upload[data-id]", form).map((chip) => chip.dataset.id).join(","); };
const upload = (form, file) => {
  const chip = document.createElement("span");
  chip.className = "upload"; chip.dataset.busy = "1";
  chip.append(Object.assign(document.createElement("span"), { textContent: file.name }), Object.assign(document.createElement("em"), { textContent: globalThis.cassoSize(lang(), file.size) }));
  const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  cancel.setAttribute("aria-label", form.dataset.remove.replace("{name}", file.name));
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  chip.append(cancel, bar);
  $(".uploads", form).append(chip);
  const fail = (text) => { delete chip.dataset.busy; chip.classList.add("bad"); bar.remove(); setHint(form, text || form.dataset.failed.replace("{name}", file.name)); release(form); };
  const limit = Number(form.dataset.limit);
  if (limit && file.size > limit) return fail(form.dataset.big.replace("{name}", file.name).replace("{size}", globalThis.cassoSize(lang(), limit)));
  const request = (chip.request = new XMLHttpRequest());
  request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
  request.onerror = () => fail();
  request.onload = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* the status says enough */ }
    if (request.status >= 300 || !answer.id) return fail(answer.error);
    delete chip.dataset.busy; chip.dataset.id = answer.id; bar.remove(); if (!form.dataset.waiting) setHint(form, ""); carryUploads(form); release(form);
  };
  const body = new FormData();
  body.append("file", file, file.name || "image.png");
  request.open("POST", "/uploads");
  request.send(body);
};
const take = (files) => { const form = $("form.composer"); if (form) for (const file of files) upload(form, file); };
addEventListener("change", (event) => { if (event.target.id === "casso-files") { take(event.target.files); event.target.value = ""; } });
addEventListener("paste", (event) => { if (event.target.closest?.("form.composer") && event.clipboardData?.files.length) { event.preventDefault(); take(event.clipboardData.files); } });
addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); $(".composer .in")?.classList.add("drop"); } });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) $(".composer .in")?.classList.remove("drop"); });
addEventListener("drop", (event) => { if (event.dataTransfer?.files.length) { event.preventDefault(); $(".composer .in")?.classList.remove("drop"); take(event.dataTransfer.files); } });

/* ---- keys and clicks of the form ---- */
addEventListener("keydown", (event) => {
  const form = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && event.target.closest?.("form.composer");
  if (!form) return;
  event.preventDefault();
  setThen(form, event.shiftKey ? "solved" : "");
  form.requestSubmit();
});
addEventListener("click", (event) => {
  const then = event.target.closest("form.composer [data-then]");
  if (then) { const form = then.closest("form"); setThen(form, then.dataset.then); form.requestSubmit(); }
  const remove = event.target.closest(".upload button");
  if (remove) { const chip = remove.closest(".upload"); const form = $("form.composer"); chip.request?.abort(); chip.remove(); carryUploads(form); release(form); }
  if (event.target.closest("[data-pick-files]")) $("#casso-files")?.click();
}, true);
globalThis.cassoComposer = { belongsTo, prepare };
})();
