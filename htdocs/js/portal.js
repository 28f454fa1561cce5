// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Asks now and then whether anything changed for this account, and offers to
// load the page again. Asking is no sign of a person: it does not keep the
// session alive. Every page works without it.
import { leave } from "./leave.js";

const EVERY_MS = 30000;
const AT_MOST_EVERY_MS = 600000;

const news = document.querySelector("[data-changes-url]");

// Of what the page shows; without it the first answer counts.
let etag = news.dataset.version ? `"${news.dataset.version}"` : null;
let wait = EVERY_MS;
let timer = 0; // 0: asking, or done with it
let askedAt = 0;

function offerReload() {
  const link = document.createElement("a");

  link.href = location.href;
  link.textContent = "reload";
  news.replaceChildren("New information \u2013 ", link);
}

// True: go on asking.
async function ask() {
  const headers = { Accept: "application/json" };

  if (etag !== null) {
    headers["If-None-Match"] = etag;
  }
  askedAt = Date.now();
  const response = await fetch(news.dataset.changesUrl, {
    headers,
    cache: "no-store",
    redirect: "error",
  });
  if (response.status === 401) {
    // Signed out: nothing of the patient's stays on the screen.
    leave();
    return false;
  }
  if (response.status === 304) {
    return true;
  }
  if (!response.ok) {
    throw new Error(response.statusText);
  }
  if (etag !== null) {
    offerReload();
    return false;
  }
  etag = response.headers.get("ETag");
  return etag !== null;
}

// Apart by chance, so that a clinic's screens do not all ask at once.
function plan() {
  timer = setTimeout(turn, wait * (0.8 + Math.random() * 0.4));
}

async function turn() {
  let goesOn = true;

  timer = 0;
  try {
    goesOn = await ask();
    wait = document.hidden ? Math.min(wait * 2, AT_MOST_EVERY_MS) : EVERY_MS;
  } catch {
    wait = Math.min(wait * 2, AT_MOST_EVERY_MS);
  }
  if (goesOn) {
    plan();
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && timer !== 0 && Date.now() - askedAt > EVERY_MS) {
    clearTimeout(timer);
    turn();
  }
});
// At once: what has changed since the page was made is news.
turn();
