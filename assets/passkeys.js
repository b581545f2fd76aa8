/* Passkeys: hands the desk's question to the browser and its answer back. Decides nothing. */
(() => {
  "use strict";
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  const post = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error ?? "");
    return found;
  };
  const say = (button, text) => {
    const place = button.parentElement.querySelector(".passkey-said");
    if (place) { place.textContent = text; place.hidden = !text; }
  };
  const enter = async (button) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post("/passkeys/ask"));
    const answer = await navigator.credentials.get({ publicKey });
    location.assign((await post("/passkeys/enter", { answer: answer.toJSON(), next: button.dataset.next ?? "" })).go);
  };
  const add = async (button) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post("/passkeys/ask-new"));
    const answer = await navigator.credentials.create({ publicKey });
    const name = button.closest("form, .passkeys")?.querySelector("input")?.value ?? "";
    await post("/passkeys/add", { answer: answer.toJSON(), name });
    location.reload();
  };
  const deeds = { enter, add };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-passkey]");
    if (!button || button.disabled) return;
    button.disabled = true;
    say(button, "");
    try {
      await deeds[button.dataset.passkey](button);
    } catch (error) {
      /* Whoever closes the browser's own window knows that they did. */
      if (error.name !== "NotAllowedError" && error.name !== "AbortError") say(button, error.message);
    } finally {
      button.disabled = false;
    }
  });
  const show = () => { for (const one of document.querySelectorAll("[data-passkey-part][hidden]")) one.hidden = false; };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show); else show();
})();
