// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Sets the CAPTCHA box up. It is our own, served from here, and asks nobody
// else anything.
import "./altcha.min.js";

const RENEW_EARLY_MS = 30000;
const RENEW_AGAIN_MS = 60000; // never in a tighter circle than this
const WORKERS_MAX = 4;

const { algorithms, defaults, i18n } = globalThis.$altcha;
const workerUrl = new URL("./pbkdf2.js", import.meta.url).href;
// The page's Content-Security-Policy lets this one policy make script
// addresses; it makes one, whatever it is asked for.
const policy = globalThis.trustedTypes?.createPolicy("cp", {
  createScriptURL: () => workerUrl,
});
const widget = document.querySelector("altcha-widget");

let renewAt = Infinity;
let startedAt = 0;

// The widget judges expiry by this computer's clock, which may be wrong by
// hours. How long a challenge lasts is known from the server's own clock.
async function fetchChallenge(url, options) {
  const response = await fetch(url, options);
  const now = Date.now();
  const sentAt = Date.parse(response.headers.get("Date") ?? "") || now;

  startedAt = now;
  if (response.ok) {
    const { parameters } = await response.clone().json();
    renewAt = now + parameters.expiresAt * 1000 - sentAt - RENEW_EARLY_MS;
  }
  return response;
}

// A new challenge before the old one ends, as long as somebody is looking.
// Only for a box that was ticked: nothing is computed unasked.
function renew() {
  const now = Date.now();

  if (
    document.visibilityState === "visible" &&
    ["verified", "expired"].includes(widget.getState()) &&
    now >= renewAt &&
    now - startedAt >= RENEW_AGAIN_MS
  ) {
    startedAt = now;
    widget.verify();
  }
}

algorithms.set(
  "PBKDF2/SHA-256",
  () => new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl),
);
i18n.set("en", {
  ...i18n.get("en"),
  error: "The check did not work. Load this page again, or ask for help.",
});
defaults.set({
  fetch: fetchChallenge,
  hideFooter: true,
  hideLogo: true,
  humanInteractionSignature: false,
  validationMessage:
    "Tick the box \u201cI\u2019m not a robot\u201d and wait until it says Verified.",
  workers: Math.min(WORKERS_MAX, navigator.hardwareConcurrency || 2),
});
document.addEventListener("visibilitychange", renew);
setInterval(renew, 5000);
