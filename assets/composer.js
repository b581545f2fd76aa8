/* What is being written: drafts, files with their progress, one intent for each act, Send that waits
   for files, for the ticket and for the connection. The text stays in its field until the server has it.
   Comes after casso.js. No business rule lives here. */
(() => {
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const lang = () => globalThis.cassoLang();

/* ---- drafts: in this tab's own storage, for this account in this organization ("3.14"); gone with Send and
   with signing out. Another organization's drafts wait for the switch back, another account's are removed. ---- */
let owner = "";
const DRAFTS = "casso-draft-";
const draftKey = (ticket) => `${DRAFTS}${owner}-${ticket}`;
const readDraft = (ticket) => { try { return JSON.parse(sessionStorage.getItem(draftKey(ticket))) ?? {}; } catch { return {}; } };
const writeDraft = (ticket, draft) => {
  try {
    if (draft.text?.trim() || draft.uploads?.length) sessionStorage.setItem(draftKey(ticket), JSON.stringify(draft));
    else sessionStorage.removeItem(draftKey(ticket));
  } catch { /* storage is switched off or full: the field still holds the text */ }
};
const personOf = (key) => key.slice(DRAFTS.length).split("-")[0].split(".").pop();
const belongsTo = (account) => {
  if (account === "0" || account === owner) return;
  owner = account;
  forgetDrafts((key) => personOf(key) === personOf(draftKey("")));
};
const forgetDrafts = (keep = () => false) => {
  try { for (const key of Object.keys(sessionStorage)) if (key.startsWith(DRAFTS) && !keep(key)) sessionStorage.removeItem(key); }
  catch { /* storage is switched off */ }
};
addEventListener("submit", (event) => { if (event.target.action?.endsWith("/sign-out")) forgetDrafts(); }, true);

/* ---- the form ---- */
const setThen = (form, then) => { $("[name=then]", form).value = then; };
const setHint = (form, text, isBad = true) => { const hint = $(".hint", form); if (!hint) return; hint.textContent = text; hint.classList.toggle("bad", Boolean(text) && isBad); };
const setKind = (form, kind) => {
  const tab = $(`[name=kind][value=${kind}]`, form), area = $("textarea", form);
  if (tab) tab.checked = true;
  area.placeholder = area.dataset[kind];
};
const uploadIds = (form) => $$(".upload[data-id]", form).map((chip) => chip.dataset.id);
const keep = (form) => {
  if (!form.held) return;
  const [text, kind, cc, intent] = [$("textarea", form), $("[name=kind]:checked", form), $("[name=cc]", form), $("[name=intent]", form)].map((field) => field.value);
  writeDraft(form.held, { text, kind, intent, uploads: uploadIds(form), cc: cc === $("[name=cc]", form).defaultValue ? undefined : cc });
};
const prepare = (form) => {
  const area = $("textarea", form), intent = $("[name=intent]", form);
  if (!intent.value) intent.value = crypto.randomUUID();
  const ticket = form.dataset.draft;
  if (owner && ticket && ticket !== "0" && ticket !== form.held) turnTo(form, ticket);
  const done = form.dataset.done;
  if (done && done !== form.seenDone) {
    form.seenDone = done;
    pending.delete(done);
    const ticket = sent.get(done)?.ticket;
    if (done === intent.value) { empty(form); intent.value = crypto.randomUUID(); }
    else if (ticket && readDraft(ticket).intent === done) { writeDraft(ticket, {}); form.chips?.delete(ticket); }
  }
  const undone = form.dataset.undone;
  if (undone && undone !== form.seenUndone) {
    form.seenUndone = undone;
    if (sent.has(undone) && !area.value && sent.get(undone).ticket === form.held) { area.value = sent.get(undone).text; setKind(form, "reply"); keep(form); area.focus(); }
  }
  tend(form);
};
/* Another ticket, another draft: its text, its kind, its files. What was typed before the first one came is kept. */
const turnTo = (form, ticket) => {
  const area = $("textarea", form), box = $(".uploads", form), before = form.held, typed = area.value;
  form.chips ??= new Map();
  const wasWaiting = Boolean(form.dataset.waiting);
  delete form.dataset.waiting;
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
  if (before) { box.replaceChildren(...(form.chips.get(ticket) ?? [])); setThen(form, ""); }
  if (draft.uploads?.length && !form.chips.has(ticket)) bringBack(form, draft.uploads);
  carryUploads(form);
  setHint(form, wasWaiting ? globalThis.cassoT(lang(), "composer.held", form.dataset.heldBack.replace("{number}", before), { number: before }) : "");
};
const empty = (form) => {
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
  if (form.matches(".courier")) return;
  if (!form.matches(".composer")) { if (intent) renewIntent(form, intent); return; }
  intent.value ||= crypto.randomUUID();
  const area = $("textarea", form), isBusy = Boolean($(".upload[data-busy]", form)), isEmpty = !area.value.trim() && !$(".upload", form);
  const isUnderWay = pending.has(intent.value), isEarly = !form.held;
  if (isEmpty || isBusy || isUnderWay || isEarly) { event.preventDefault(); event.stopImmediatePropagation(); }
  if (isUnderWay) return;
  if (isEmpty) { setHint(form, form.dataset.empty); area.focus(); return; }
  if (isEarly) { setHint(form, form.dataset.early, false); return; }
  if (isBusy) { form.dataset.waiting = "1"; setHint(form, form.dataset.wait, false); return; }
  delete form.dataset.waiting;
  sent.set(intent.value, { text: area.value, ticket: form.held });
  pending.set(intent.value, { ticket: form.held, fields: [...new FormData(form)], problem: lastProblem(), at: Date.now(), tries: 0 });
  keep(form);
  setHint(form, "");
  tend(form);
}, true);
/* ---- sent and not confirmed: after a lost connection it goes again by itself, and its intent is carried out once ---- */
const sent = new Map(), pending = new Map();
const PATIENCE = 4000, AFTER_RECONNECT = 1500, TRIES = 6;
const isOffline = () => Boolean($(".offline"));
const lastProblem = () => $(".toast.bad")?.dataset.problem ?? "";
let wasOffline = false;
const tend = (form) => {
  const problem = lastProblem(), offline = isOffline();
  for (const [intent, one] of pending) if (problem && problem !== one.problem) pending.delete(intent);
  if (wasOffline && !offline) for (const one of pending.values()) one.at = Date.now() - PATIENCE + AFTER_RECONNECT;
  wasOffline = offline;
  for (const [intent, one] of pending) if (!offline && Date.now() - one.at > PATIENCE) sendAgain(form, intent, one);
  showPending(form, offline);
};
const sendAgain = (form, intent, one) => {
  if (one.tries >= TRIES) { pending.delete(intent); if (one.ticket === form.held) setHint(form, form.dataset.unconfirmed); return; }
  one.tries += 1; one.at = Date.now();
  const courier = $("form.courier");
  for (const [name, value] of one.fields) { const field = $(`[name=${name}]`, courier); if (field) field.value = value; }
  courier.requestSubmit();
};
const showPending = (form, offline) => {
  const found = [...pending.values()].find((one) => one.ticket === form.held), was = "sending" in form.dataset;
  $("textarea", form).readOnly = Boolean(found);
  if (!found) { delete form.dataset.sending; if (was && !$(".hint.bad", form)) setHint(form, ""); return; }
  form.dataset.sending = "1";
  if (offline) setHint(form, form.dataset.unconnected, false);
  else if (found.tries || Date.now() - found.at > 1000) setHint(form, form.dataset.underWay, false);
};
setInterval(() => { const form = $("form.composer"); if (form && pending.size) tend(form); }, 500);
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
const carryUploads = (form) => { if (form) $("[name=uploads]", form).value = uploadIds(form).join(","); };
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const addChip = (form) => {
  const chip = make("span", { className: "upload" });
  chip.dataset.busy = "1";
  chip.append(make("span"), make("em"), make("button", { type: "button", textContent: "×" }));
  $(".uploads", form).append(chip);
  return chip;
};
const nameChip = (form, chip, file) => {
  $("span", chip).textContent = file.name;
  $("em", chip).textContent = globalThis.cassoSize(lang(), file.size);
  $("button", chip).setAttribute("aria-label", form.dataset.remove.replace("{name}", file.name));
};
/* A chip that changed after its ticket was left is remembered in that ticket's draft. */
const rememberChip = (form, chip) => {
  if (chip.isConnected) { carryUploads(form); keep(form); release(form); return; }
  for (const [ticket, chips] of form.chips ?? []) {
    if (chips.includes(chip)) writeDraft(ticket, { ...readDraft(ticket), uploads: chips.filter((one) => one.dataset.id).map((one) => one.dataset.id) });
  }
};
/* After a reload: the draft knows the ids, the server says which of them still wait for this person. */
const bringBack = (form, ids) => {
  const chips = ids.map((id) => { const chip = addChip(form); chip.dataset.id = id; return chip; });
  const ask = async () => {
    let answer;
    try { answer = await fetch("/uploads?ids=" + encodeURIComponent(ids.join(","))); } catch { /* asked again */ }
    if (!answer || answer.status >= 500) { setTimeout(ask, 2000); return; }
    const files = new Map(answer.ok ? (await answer.json()).files.map((file) => [file.id, file]) : []);
    for (const chip of chips) {
      const file = files.get(chip.dataset.id);
      if (file) { delete chip.dataset.busy; nameChip(form, chip, file); continue; }
      chip.remove(); chip.dataset.id = "";
      delete form.dataset.waiting;
      setHint(form, form.dataset.gone);
    }
    chips.forEach((chip) => rememberChip(form, chip));
    carryUploads(form); keep(form); release(form);
  };
  ask();
};
const upload = (form, file) => {
  const chip = addChip(form), bar = make("progress", { max: 1, value: 0 });
  nameChip(form, chip, file);
  chip.append(bar);
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
    delete chip.dataset.busy; chip.dataset.id = answer.id; bar.remove(); if (!form.dataset.waiting) setHint(form, ""); rememberChip(form, chip);
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
  if (remove) { const chip = remove.closest(".upload"); const form = $("form.composer"); chip.request?.abort(); chip.remove(); carryUploads(form); keep(form); release(form); }
  if (event.target.closest("[data-pick-files]")) $("#casso-files")?.click();
}, true);
globalThis.cassoComposer = { belongsTo, prepare };
})();
