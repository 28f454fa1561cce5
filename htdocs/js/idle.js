// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The mod_clinicportal authors
// Says that the session is about to end, and offers to stay. The server is asked
// first, for another tab may have kept the session alive. Without this the page
// itself says when the session ends.
import { leave } from "./leave.js";

const WARN_S = 60;
const ASK_EVERY_MS = 5000; // while the question stands: another tab may answer
const ASK_AT_END_MS = 1000;

const note = document.getElementById("session-end");
const logout = document.querySelector(".leave");
const dialog = document.createElement("dialog");
const count = document.createElement("p");

let endsAt = 0;
let timer = 0;
let lookedAt = 0;

function button(label, press) {
  const made = document.createElement("button");

  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

async function ask(options) {
  const response = await fetch(note.dataset.url, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    redirect: "error",
    ...options,
  });
  if (response.status === 401) {
    leave();
    return;
  }
  if (!response.ok) {
    throw new Error(response.statusText);
  }
  const { data } = await response.json();
  plan(data.seconds_left);
}

function stay() {
  ask({
    method: "POST",
    body: new URLSearchParams({ csrf: logout.elements.csrf.value }),
  }).catch(() => location.reload());
}

function plan(secondsLeft) {
  endsAt = Date.now() + secondsLeft * 1000;
  // Of a short session half is left when the question comes.
  const warnAt = endsAt - Math.min(WARN_S, total / 2) * 1000;

  clearTimeout(timer);
  if (Date.now() < warnAt) {
    dialog.close();
    timer = setTimeout(look, warnAt - Date.now());
  } else {
    if (!dialog.open) {
      dialog.showModal();
    }
    tick();
    timer = setTimeout(look, ASK_EVERY_MS);
  }
}

// A server that does not answer is asked again.
function look() {
  lookedAt = Date.now();
  ask().catch(() => {
    timer = setTimeout(look, ASK_EVERY_MS);
  });
}

function tick() {
  const seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000));

  count.textContent = `You will be signed out in ${seconds} seconds.`;
  if (seconds === 0 && Date.now() - lookedAt >= ASK_AT_END_MS) {
    look();
  }
}

const heading = document.createElement("h2");
heading.id = "ending";
heading.textContent = "Are you still there?";
dialog.className = "ending";
dialog.setAttribute("aria-labelledby", heading.id);
dialog.append(
  heading,
  count,
  button("Stay signed in", stay),
  button("Log out", () => logout.requestSubmit()),
);
dialog.lastChild.className = "quiet";
// Closing it otherwise (Escape) is an answer, too: somebody is there.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  stay();
});
document.body.append(dialog);
setInterval(() => dialog.open && tick(), 1000);

const total = Number(note.dataset.secondsLeft);
note.hidden = true;
plan(total);
